import type { Host } from '../../model/cluster.ts'
import type { HostNote } from '../plan.ts'

/** How many of a list a line names. */
const MOST = 5

/** Who can do what as root on a host whose Pods are units of systemd. Pure. */
export function systemdKubeletNote({ name, systemdKubelet }: Host): readonly HostNote[] {
  if (systemdKubelet === undefined) return []
  const { packages, programs, repositories, hostPaths } = systemdKubelet
  const writable = hostPaths.filter(({ readOnly }) => !readOnly).map(({ path }) => path)
  const can = [
    ...(packages.length === 0 ? [] : [`install as root the packages ${listed(packages)}`]),
    ...(packages.length === 0 && programs.length === 0 ? [] : ['run any program of the host, also as root']),
    ...(writable.length === 0 ? [] : [`write to ${listed(writable)}`]),
  ]
  if (can.length === 0)
    return [
      {
        code: 'systemd-kubelet',
        at: name,
        found: 'its Pods are units of systemd, and the inventory allows no package and no program',
        why: 'no Pod can run there',
        todo: `name \`packages\` or \`programs\` in \`systemdKubelet\` of hosts/${name} or hosts/cluster`,
      },
    ]
  const signers = repositories.map((one) => one.name)
  return [
    {
      code: 'systemd-kubelet',
      at: name,
      found: `who may create Pods on Node ${name} can ${joined(can)}`,
      why: `its Pods are processes of the host${signers.length === 0 ? '' : `; who signs ${listed(signers)} also decides what root installs`}`,
    },
  ]
}

function listed(names: readonly string[]): string {
  const more = names.length - MOST
  return `${names.slice(0, MOST).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function joined(parts: readonly string[]): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} and ${last}`
}
