import { type Fault, KeelError, plainFault } from '../../errors.ts'
import { quote } from '../../model/names.ts'
import { isKeyFile, readRepositoryKey } from '../../model/systemd-kubelet/parse-settings.ts'
import { systemdKubeletOn, systemdKubeletOnServers } from '../../model/systemd-kubelet/where-possible.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken } from '../draft.ts'
import type { People } from '../people.ts'
import { distributionOf, osOf } from '../settings.ts'

/** Checks where Pods are to be units of systemd, and the settings for that. */
export function checkKubelet(people: People): Finding[] {
  const { cluster, hosts } = people
  return [
    ...[cluster, ...hosts].flatMap((one) => checkKeys(people, one)),
    ...hosts.flatMap((host) => (host.values.kubelet === 'systemd' ? checkPlace(host, cluster) : checkUnused(host))),
    ...(hosts.some(({ values }) => values.kubelet === 'systemd') ? checkEgress(cluster) : []),
  ]
}

/** It must be the same on all servers, so no other value could be meant for some of them. */
function checkEgress({ source, options }: ClusterDraft): Finding[] {
  const mode = options['egress-selector-mode']
  if (mode === undefined || mode === 'disabled') return []
  return [
    {
      source,
      path: ['k3s', 'egress-selector-mode'],
      code: 'kubelet-options',
      found: `${quote(String(mode))}, and a host has kubelet: 'systemd'`,
      why: 'k3s then asks kubelets through a tunnel of its own agent, and such a host has no agent of k3s',
      todo: "remove it: keel sets 'disabled'",
    },
  ]
}

function checkPlace(host: HostDraft, cluster: ClusterDraft): Finding[] {
  const { source, values } = host
  const os = osOf(host, cluster)
  const ofSystem = os === undefined ? undefined : systemdKubeletOn[os]
  if (ofSystem !== undefined)
    return [{ source, path: ['kubelet'], code: 'kubelet-system', found: `'systemd' on ${os}`, ...ofSystem }]
  if (isBroken(cluster, 'distribution')) return []
  const distribution = distributionOf(cluster.values)
  if (values.role === 'server') {
    const why = systemdKubeletOnServers[distribution]
    if (why === undefined) return []
    return [
      { source, path: ['kubelet'], code: 'kubelet-role', found: `'systemd' on a server of ${distribution}`, ...why },
    ]
  }
  const unread = (['k3s', 'registries'] as const).filter((key) => values[key] !== undefined)
  if (values.role !== 'agent' || distribution !== 'k3s') return []
  return unread.map((key) => ({
    source,
    path: [key],
    part: 'key',
    code: 'kubelet-options',
    found: `'${key}' with kubelet: 'systemd'`,
    why: 'no k3s runs on this host, so nothing reads it',
    todo: 'remove it',
  }))
}

function checkUnused({ source, values, ...host }: HostDraft): Finding[] {
  if (values.systemdKubelet === undefined || isBroken(host, 'kubelet')) return []
  return [
    {
      source,
      path: ['systemdKubelet'],
      part: 'key',
      code: 'kubelet-settings',
      found: "settings without kubelet: 'systemd'",
      why: 'the host has the kubelet of its distribution, which does not read them',
      todo: "add kubelet: 'systemd', or remove them",
    },
  ]
}

function faultOfKey(text: string): Fault | undefined {
  try {
    readRepositoryKey(text)
    return undefined
  } catch (error) {
    if (error instanceof KeelError) return error
    throw error
  }
}

/** The files that repositories name must be there, and keys. */
function checkKeys({ repositoryKeys }: People, { source, values }: ClusterDraft | HostDraft): Finding[] {
  return Object.entries(values.systemdKubelet?.repositories ?? {}).flatMap(([name, { signedBy }]): Finding[] => {
    if (!isKeyFile(signedBy)) return []
    const place = { source, path: ['systemdKubelet', 'repositories', name, 'signedBy'] }
    const file = repositoryKeys.get(signedBy)
    if (file === undefined) return [{ ...place, code: 'inventory-read', found: `${signedBy}: it was not read` }]
    const fault = typeof file === 'string' ? faultOfKey(file) : file
    if (fault === undefined) return []
    const { at, ...rest } = plainFault(fault)
    return [{ ...rest, ...place, found: `${at ?? signedBy}: ${fault.found}` }]
  })
}
