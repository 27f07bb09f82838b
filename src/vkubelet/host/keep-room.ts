import { statfs } from 'node:fs/promises'

/** Why nothing was written: in words for an Event. */
export class NoRoom extends Error {}

/** The part that stays free. systemd, sshd and others need room where the files of Pods are. */
const KEPT = 0.1
/** Bytes of a page of memory. */
const PAGE = 4096

/**
 * Before something of a Pod is written to the file system in memory that the whole host needs.
 * @param files how many, with so many bytes together
 * @throws NoRoom where too little would be left; Error of the system
 */
export async function keepRoom(folder: string, { files, bytes }: { files: number; bytes: number }): Promise<void> {
  const { blocks, bavail, bsize, files: inodes, ffree } = await statfs(folder)
  const left = bavail * bsize - bytes - files * PAGE
  // a file system without inodes of its own counts 0 of 0
  if (left >= blocks * bsize * KEPT && (inodes === 0 || ffree - files >= inodes * KEPT)) return
  throw new NoRoom(`the host has no room for it in ${folder}: a tenth of that file system stays free for the system`)
}
