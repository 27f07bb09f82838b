import { statfs } from 'node:fs/promises'
import type { Left } from '../node/pressures.ts'

/** The file system of the Node: Pods have their data there. */
const DISK = '/var/lib'

/** What is there of it, and what is left now. @throws Error of the system */
export async function diskLeft(): Promise<Left['disk']> {
  const { blocks, bavail, bsize, files, ffree } = await statfs(DISK)
  return { total: blocks * bsize, available: bavail * bsize, inodes: files, inodesLeft: ffree }
}
