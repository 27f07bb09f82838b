import { existsSync, statSync } from 'node:fs'
import { ExitCode, KeelError } from '../errors.ts'
import { type Lab, type LabOf, labNames, readLab } from './description.ts'
import { isRunning } from './host/host.ts'
import { labPaths, labsDirectory } from './state.ts'

type Environment = Readonly<Record<string, string | undefined>>
type HostStatus = Lab['hosts'][number] & { readonly state: 'running' | 'off' }

type Up<Described extends Lab> = Omit<Described, 'hosts'> & {
  readonly state: 'up'
  readonly hosts: readonly HostStatus[]
}

export type LabStatus =
  | Up<LabOf<'k3s'>>
  | Up<LabOf<'kubeadm'>>
  /** The lab still boots, or is left from a crash. `lab up` and `lab down` both remove the latter. */
  | { readonly state: 'incomplete'; readonly name: string }

/** Every lab that this machine knows, or the named one. */
export async function labStatus(env: Environment, name?: string): Promise<readonly LabStatus[]> {
  refuseOtherUser(env)
  const names = name === undefined ? await labNames(env) : [name]
  return Promise.all(
    names.map(async (lab): Promise<LabStatus> => {
      const paths = labPaths(env, lab)
      if (existsSync(paths.directory) && !existsSync(paths.description)) return { state: 'incomplete', name: lab }
      const description = await readLab(lab, env)
      const hosts = await Promise.all(
        description.hosts.map(
          async (host): Promise<HostStatus> => ({
            ...host,
            state: (await isRunning(lab, host.name)) ? 'running' : 'off',
          }),
        ),
      )
      return { ...description, state: 'up', hosts }
    }),
  )
}

/**
 * A lab belongs to the user who started it, which is root. Other users can't see the labs, so `no lab is up` would be
 * wrong for them.
 */
function refuseOtherUser(env: Environment): void {
  const [directory, user] = [labsDirectory(env), process.getuid?.()]
  const owner = statSync(directory, { throwIfNoEntry: false })?.uid
  if (owner === undefined || user === 0 || owner === user) return
  throw new KeelError({
    code: 'lab-user',
    at: directory,
    found: "another user's labs",
    why: 'a lab consists of containers, and only root can see them',
    todo: 'run it again as root: `sudo keel lab status`',
    exit: ExitCode.Usage,
  })
}

/** A lab as text, one line for each host. */
export function describeLab(lab: LabStatus): string {
  if (lab.state === 'incomplete')
    return `lab ${lab.name}: still booting, or left by a crash (\`keel lab down --name ${lab.name}\` removes it)`
  const width = Math.max(...lab.hosts.map(({ name }) => name.length))
  const lines = lab.hosts.map(
    ({ name, os, state, address, hostKey }) =>
      `  ${name.padEnd(width)}  ${state.padEnd(7)}  ${address.padEnd(17)}  ${hostKey ?? `(${os}: no host key before its first boot, \`keel lab provision\`)`}`,
  )
  const runs =
    lab.distribution === 'k3s'
      ? `k3s ${lab.k3s.version} (${lab.k3s.kind})`
      : `Kubernetes ${lab.kubernetes.version} for kubeadm`
  return [`lab ${lab.name}: ${runs}, identity ${lab.identity}`, ...lines].join('\n')
}
