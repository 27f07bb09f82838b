import { existsSync } from 'node:fs'
import { lstat, readdir, readFile, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'

const mount = '/sys/fs/cgroup'

/** v2 only if the machine has no v1 hierarchy. The legacy and hybrid set-ups have a directory for each controller. */
export function cgroupVersion(): 'v1' | 'v2' {
  return existsSync(join(mount, 'cgroup.controllers')) ? 'v2' : 'v1'
}

async function hierarchies(): Promise<readonly string[]> {
  if (cgroupVersion() === 'v2') return [mount]
  const found = []
  for (const name of await readdir(mount)) {
    const path = join(mount, name)
    // links are other names of the same mount: cpu -> cpu,cpuacct
    if (existsSync(join(path, 'cgroup.procs')) && !(await lstat(path)).isSymbolicLink()) found.push(path)
  }
  return found
}

/** Paths of the cgroups at the top of every hierarchy whose name matches. */
export async function findCgroups(matches: (name: string) => boolean): Promise<readonly string[]> {
  const found = []
  for (const hierarchy of await hierarchies()) {
    for (const entry of await readdir(hierarchy, { withFileTypes: true })) {
      if (entry.isDirectory() && matches(entry.name)) found.push(join(hierarchy, entry.name))
    }
  }
  return found
}

/** Ids of all processes in a cgroup and below it. */
export async function processesOf(cgroup: string): Promise<readonly number[]> {
  const own = await readFile(join(cgroup, 'cgroup.procs'), 'utf8').catch(gone(''))
  const below = await Promise.all((await childrenOf(cgroup)).map(processesOf))
  return [...own.split('\n').filter(Boolean).map(Number), ...below.flat()]
}

/**
 * Sends SIGKILL to all processes in a cgroup. cgroup.kill (cgroup v2, Linux 5.14) misses no fork. Without it, the
 * caller looks again and repeats.
 */
export async function killCgroup(cgroup: string): Promise<void> {
  const kill = join(cgroup, 'cgroup.kill')
  if (existsSync(kill)) await writeFile(kill, '1').catch(gone(undefined))
  else for (const id of await processesOf(cgroup)) tryKill(id)
}

/**
 * Removes a cgroup and those below it. @returns false if the kernel still uses one (for a process that is just ending)
 */
export async function removeCgroup(cgroup: string): Promise<boolean> {
  for (const child of await childrenOf(cgroup)) if (!(await removeCgroup(child))) return false
  return rmdir(cgroup).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  )
}

/** Sends SIGKILL by id; a negative id means a process group. It is not an error if the process has already ended. */
export function tryKill(id: number): void {
  try {
    process.kill(id, 'SIGKILL')
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

async function childrenOf(cgroup: string): Promise<readonly string[]> {
  const entries = await readdir(cgroup, { withFileTypes: true }).catch(gone([]))
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(cgroup, entry.name))
}

/** A cgroup may disappear at any moment: ENOENT if it is not open yet, ENODEV if it is. */
function gone<T>(instead: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENODEV') return instead
    throw error
  }
}
