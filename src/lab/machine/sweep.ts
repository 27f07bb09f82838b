import { readdir, readFile, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { KeelError } from '../../errors.ts'
import { hostNamespace, isOfLab, machineInterface } from '../names.ts'
import { type LabPaths, labPaths } from '../state.ts'
import { findCgroups, killCgroup, processesOf, removeCgroup, tryKill } from './cgroups.ts'

/** Long enough for a machine under load. The kernel needs milliseconds. */
const patienceMs = 15_000

/**
 * Removes everything of a lab from this machine: processes, cgroups, namespaces, the interface, state. It finds them by
 * their names and by the running processes, not by the lab's own record. So it removes just as much after a crash, or
 * after `kill -9` of `lab up`. It is not an error if there is nothing to remove. The caller has the lock of the lab.
 * @throws KeelError `lab-remains`, with the names of what could not be removed
 */
export async function sweepLab(lab: string, env: Readonly<Record<string, string | undefined>>): Promise<void> {
  const paths = labPaths(env, lab)
  await endProcesses(
    (name) => isOfLab(lab, name),
    (directory) => directory.startsWith(`${paths.hosts}/`),
    lab,
  )
  await removeNetwork(lab)
  await rm(paths.directory, { recursive: true, force: true })
}

/** Ends all processes of one host and removes its cgroups; its disks stay as they are. */
export async function endHost(lab: string, host: string, paths: LabPaths): Promise<void> {
  const cgroup = hostNamespace(lab, host)
  await endProcesses(
    (name) => name === cgroup,
    (directory) => directory === `${paths.hosts}/${host}`,
    host,
  )
}

async function endProcesses(
  cgroup: (name: string) => boolean,
  directory: (path: string) => boolean,
  at: string,
): Promise<void> {
  // The supervisors first, because a supervisor boots its host again when the host stops. Each one leads a process
  // group. The programs that it runs before it enters its cgroup are in that group.
  for (const id of await supervisors(directory)) {
    tryKill(-id)
    tryKill(id)
  }
  const deadline = Date.now() + patienceMs
  for (;;) {
    const cgroups = await findCgroups(cgroup)
    await Promise.all(cgroups.map(killCgroup))
    const removed = await Promise.all(cgroups.map(removeCgroup))
    if (removed.every(Boolean)) return
    if (Date.now() > deadline) {
      const left = (await Promise.all(cgroups.map(processesOf))).flat()
      throw new KeelError({
        code: 'lab-remains',
        at,
        found: `keel could not remove these cgroups: ${cgroups.filter((_, index) => !removed[index]).join(', ')}; processes in them: ${[...new Set(left)].join(', ') || 'none'}`,
        todo: 'run `keel lab down` again',
      })
    }
    await sleep(10)
  }
}

/** Finds supervisors by their command line, because one that has just started has neither a cgroup nor a record yet. */
async function supervisors(ofLab: (directory: string) => boolean): Promise<readonly number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const argvs = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')))
  return ids.filter((_, index) => {
    const [shell, script, directory] = (argvs[index] ?? '').split('\0')
    return (
      shell === 'bash' && script?.endsWith('/supervisor.sh') === true && directory !== undefined && ofLab(directory)
    )
  })
}

async function removeNetwork(lab: string): Promise<void> {
  // removed explicitly, because with the namespace of its other end it would disappear only some time later
  await execa('ip', ['link', 'delete', machineInterface(lab)], { reject: false })
  for (const namespace of (await namespaces()).filter((name) => isOfLab(lab, name)))
    await execa('ip', ['netns', 'delete', namespace])
}

async function namespaces(): Promise<readonly string[]> {
  const { stdout } = await execa('ip', ['netns', 'list'])
  return stdout.split('\n').flatMap((line) => line.split(' ')[0] || [])
}
