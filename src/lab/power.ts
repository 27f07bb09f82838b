import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { ExitCode, KeelError } from '../errors.ts'
import { hostOf, readLab } from './description.ts'
import { isRunning, powerOn, waitForBoot } from './host/host.ts'
import { findCgroups, processesOf } from './machine/cgroups.ts'
import { endHost } from './machine/sweep.ts'
import { hostNamespace } from './names.ts'
import { hostPaths, labPaths } from './state.ts'
import type { Work } from './work.ts'

/** Boots a host that is off, and waits for its sshd. */
export async function startHost(lab: string, name: string, work: Work): Promise<void> {
  const host = hostOf(await readLab(lab, work.env), name)
  if (await isRunning(lab, name)) return
  if (host.hostKey === undefined) throw unprovisioned(lab, name)
  const paths = labPaths(work.env, lab)
  await powerOn(paths, name)
  await waitForBoot(paths, lab, host, () => true, work.signal)
}

/**
 * Cuts the power of a host: no unit is stopped, nothing is flushed. (`lab ssh HOST poweroff` shuts it down cleanly.)
 */
export async function powerOffHost(lab: string, name: string, work: Work): Promise<void> {
  hostOf(await readLab(lab, work.env), name)
  const paths = labPaths(work.env, lab)
  await endHost(lab, name, paths)
  await execa('bash', [hostPaths(paths, name).network, 'down'])
}

/** Resets a host: no unit is stopped, nothing is flushed, and it boots again. */
export async function resetHost(lab: string, name: string, work: Work): Promise<void> {
  await powerOffHost(lab, name, work)
  await startHost(lab, name, work)
}

/** Reboots a host cleanly, as ctrl-alt-del does, and waits for its sshd. */
export async function rebootHost(lab: string, name: string, work: Work): Promise<void> {
  const host = hostOf(await readLab(lab, work.env), name)
  const before = await firstProcess(lab, name)
  if (before === undefined) {
    throw new KeelError({
      code: 'lab-host-off',
      at: name,
      found: 'this host is off',
      todo: `run \`keel lab start ${name} --name ${lab}\``,
      exit: ExitCode.Usage,
    })
  }
  // systemd(1): SIGRTMIN+5 starts reboot.target; 34 is SIGRTMIN with glibc
  process.kill(before, 34 + 5)
  const deadline = Date.now() + 120_000
  for (let now: number | undefined = before; now === before || now === undefined; now = await firstProcess(lab, name)) {
    work.signal.throwIfAborted()
    if (Date.now() > deadline)
      throw new KeelError({
        code: 'lab-boot',
        at: name,
        found: 'the host did not shut down within two minutes after keel told it to reboot',
      })
    await sleep(25)
  }
  await waitForBoot(labPaths(work.env, lab), lab, host, () => true, work.signal)
}

/**
 * The process id of the host's PID 1 on this machine. It has two levels of pid namespaces, while the first processes of
 * its containers have three. proc(5), NSpid.
 */
async function firstProcess(lab: string, host: string): Promise<number | undefined> {
  const name = hostNamespace(lab, host)
  const ids = (await Promise.all((await findCgroups((candidate) => candidate === name)).map(processesOf))).flat()
  for (const id of new Set(ids)) {
    const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
    if (/^NSpid:\t\d+\t1$/m.test(status)) return id
  }
  return undefined
}

function unprovisioned(lab: string, name: string): KeelError {
  return new KeelError({
    code: 'lab-unprovisioned',
    at: name,
    found: 'this Flatcar look-alike has never booted',
    why: 'nobody could log in: it gets its first user from an Ignition config',
    todo: `run \`keel lab provision ${name} config.ign --name ${lab}\``,
    exit: ExitCode.Usage,
  })
}
