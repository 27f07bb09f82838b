import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, open, readFile, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { KeelError } from '../../errors.ts'
import { cgroupVersion, findCgroups, processesOf } from '../machine/cgroups.ts'
import { hostNamespace } from '../names.ts'
import type { RootFile } from '../root/root-spec.ts'
import { type HostPaths, hostPaths, type LabPaths } from '../state.ts'
import { nspawnArgv, nspawnEnvironment } from './nspawn.ts'

/** A host needs 1 to 6 s. On a machine with two cores and much other work it needed 20 s. */
const bootMs = 90_000

export interface HostToBoot {
  readonly lab: string
  readonly name: string
  /** Its read-only file systems, the topmost first. */
  readonly layers: readonly string[]
  readonly images: string | undefined
  /** The files of this host only. They are in its upper layer, above the base. */
  readonly files: readonly RootFile[]
  /** Empty folders of this host only, in place of what the base has there. */
  readonly directories: readonly string[]
  readonly networkScript: string
}

/**
 * Directories of a host that are not part of its overlay, because they contain overlays of containers, and databases.
 */
export const disks = { containerd: '/var/lib/containerd', kubelet: '/var/lib/kubelet', rancher: '/var/lib/rancher' }

/** Writes everything that a host's first boot needs. */
export async function prepareHost(paths: LabPaths, host: HostToBoot): Promise<void> {
  const own = hostPaths(paths, host.name)
  for (const name of ['upper', 'work', 'root']) await mkdir(join(own.directory, name), { recursive: true })
  for (const name of Object.keys(disks)) await mkdir(join(own.disks, name), { recursive: true })
  for (const path of host.directories) await mkdir(join(own.upper, path), { recursive: true })
  for (const { path, content, mode } of host.files) {
    const file = join(own.upper, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content, { mode })
    await chmod(file, mode)
  }
  // the modes of the upper layer apply, not those of the base
  for (const directory of ['root', 'root/.ssh'].filter((path) => existsSync(join(own.upper, path))))
    await chmod(join(own.upper, directory), 0o700)
  const nspawn = nspawnArgv({
    name: host.name,
    root: join(own.directory, 'root'),
    network: `/run/netns/${hostNamespace(host.lab, host.name)}`,
    disks: Object.fromEntries(Object.entries(disks).map(([name, inside]) => [inside, join(own.disks, name)])),
    ...(host.images === undefined ? {} : { images: host.images }),
  })
  await writeFile(own.network, host.networkScript)
  await writeFile(
    own.supervisor,
    JSON.stringify([
      paths.supervisor,
      own.directory,
      host.layers.join(':'),
      hostNamespace(host.lab, host.name),
      ...nspawn,
    ]),
  )
}

/** Starts the supervisor of a host. It continues after this process has ended, and has none of its files open. */
export async function powerOn(paths: LabPaths, host: string): Promise<void> {
  const own = hostPaths(paths, host)
  const argv = z.array(z.string()).parse(JSON.parse(await readFile(own.supervisor, 'utf8')))
  await using console = await open(own.console, 'a')
  // setsid, and only the variables that nspawn needs, because our environment may contain secrets
  const env = { PATH: process.env.PATH, ...nspawnEnvironment(cgroupVersion()) }
  const supervisor = spawn('bash', argv, { detached: true, stdio: ['ignore', console.fd, console.fd], env, cwd: '/' })
  supervisor.unref()
}

/** Whether the host has processes. Its supervisor does not count. Without any the host is off. */
export async function isRunning(lab: string, host: string): Promise<boolean> {
  const name = hostNamespace(lab, host)
  const cgroups = await findCgroups((candidate) => candidate === name)
  return (await Promise.all(cgroups.map(processesOf))).some((ids) => ids.length > 0)
}

/**
 * Waits until the host's sshd has answered and `ready` returns true.
 * @throws KeelError `lab-boot` with the end of the host's console
 */
export async function waitForBoot(
  paths: LabPaths,
  lab: string,
  host: { name: string; nodeIP: string },
  ready: (own: HostPaths) => boolean,
  signal: AbortSignal,
): Promise<void> {
  const own = hostPaths(paths, host.name)
  const started = Date.now()
  for (;;) {
    signal.throwIfAborted()
    if ((await answersSsh(host.nodeIP)) && ready(own)) return
    const waited = Date.now() - started
    // a supervisor needs some milliseconds to enter its cgroup
    const fell = waited > 2000 && !(await isRunning(lab, host.name))
    if (fell || waited > bootMs) {
      const console = existsSync(own.console) ? await readFile(own.console, 'utf8') : ''
      throw new KeelError({
        code: 'lab-boot',
        at: host.name,
        found: `the host ${fell ? 'stopped while it booted' : `was not up after ${bootMs / 1000} s`}; its console ends with:\n${console.trimEnd().split('\n').slice(-12).join('\n')}`,
      })
    }
    await sleep(25)
  }
}

/** Whether a server on port 22 greets with `SSH-`. RFC 4253, 4.2: the server speaks first. */
function answersSsh(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 500 })
    const done = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('data', (greeting) => done(greeting.toString('latin1').startsWith('SSH-')))
    for (const event of ['error', 'timeout', 'end'] as const) socket.once(event, () => done(false))
  })
}
