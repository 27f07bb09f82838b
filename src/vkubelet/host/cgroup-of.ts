import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CgroupFolder, cgroupFolders } from '../cgroups/cgroup-folders.ts'

/** @throws Error of the system, for a process that is gone */
export async function cgroupOf(pid: number): Promise<readonly CgroupFolder[]> {
  const [cgroup, mounts] = await Promise.all([
    readFile(`/proc/${pid}/cgroup`, 'utf8'),
    readFile('/proc/self/mountinfo', 'utf8'),
  ])
  return cgroupFolders(cgroup, mounts)
}

/** Moves a process to where another one is, in every hierarchy. @throws Error of the system */
export async function joinCgroupOf(target: number, pid: number): Promise<void> {
  for (const { folder } of await cgroupOf(target)) await writeFile(join(folder, 'cgroup.procs'), `${pid}`)
}
