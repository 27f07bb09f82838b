import type { Access } from '../distribution/access.ts'
import type { DistributionKind } from '../distribution/distribution.ts'

/** Where the virtual kubelet of a host has what. The same on every host that has one. */
const state = '/var/lib/keel/vkubelet'
/** Folders of their own: the keel-agent may have to see one of these, and nothing else of it. */
const client = `${state}/client`
const ca = `${state}/ca`

export const vkubeletPaths = {
  unit: 'keel-vkubelet.service',
  /** A file that runs the bundle of the keel-agent. */
  program: '/usr/local/bin/keel-vkubelet',
  configuration: '/etc/keel/vkubelet.json',
  /** The sources of apt that the inventory has, a file each: `NAME.sources`. */
  sources: '/etc/keel/vkubelet',
  /** Forbids daemons to start while a package is installed (invoke-rc.d(8)). Where programs can be run: /run and /var may be noexec. */
  policy: '/usr/local/lib/keel/policy-rc.d',
  /** Its certificates, with their keys. */
  state,
  client: { certificate: `${client}/client.crt`, key: `${client}/client.key` },
  /** The CA that verifies the API server: where the program keeps it, and where keel places it if it knows it. */
  ca: { kept: `${ca}/ca.crt`, placed: '/etc/keel/vkubelet/ca.crt' },
  folders: { client, ca },
  /** Empty after a boot. */
  run: '/run/keel-vkubelet',
} as const

/**
 * Options of Node for the program; MB. V8 would take its limits from the memory of the host, and its unit has a MemoryMax
 * of 512 MB: with these it collects garbage before systemd has to kill it.
 */
export const vkubeletNodeOptions = ['--max-semi-space-size=2', '--max-old-space-size=320'] as const

/** The CA that verifies the API server: that of k3s comes with the join, that of kubeadm is known before. */
export const vkubeletCa: Readonly<Record<DistributionKind, string>> = {
  k3s: vkubeletPaths.ca.kept,
  kubeadm: vkubeletPaths.ca.placed,
}

/** What its Node shows to the API server on a host of a distribution. */
export function vkubeletCredential(kind: DistributionKind): Access['kubelet'] {
  return { ...vkubeletPaths.client, ca: vkubeletCa[kind] }
}

/** systemd's ID of the credential with the logins of repositories. */
export const REPOSITORY_LOGINS = 'keel-vkubelet-repositories'
