import { type Family, familyOf } from '../model/addresses/ip.ts'
import type { Arch, FirewallPolicy, KeelAgent, Networks, Os, Sysupdate, VipManager } from '../model/cluster.ts'
import type { Cni, DistributionKind } from '../model/distribution/distribution.ts'
import { DEFAULT_VERSION } from '../model/k3s/k3s-version.ts'
import { parsePublicKeyring } from '../model/keys/openpgp-public-key.ts'
import { DEFAULT_KUBERNETES } from '../model/kubeadm/kubernetes-version.ts'
import { isManifestUrl } from '../model/kubeadm/manifest-source.ts'
import type { ParsedCluster } from '../model/schema/input.ts'
import type { ImageKeyFile, ManifestFiles } from './definitions.ts'
import { type ClusterDraft, type HostDraft, hasRole, type Known } from './draft.ts'

/** For a cluster that sets none: k3s's own defaults; for kubeadm the network of flannel's manifest, and kubeadm's. */
const DEFAULT_NETWORKS: Readonly<Record<DistributionKind, Networks>> = {
  k3s: { cluster: ['10.42.0.0/16'], service: ['10.43.0.0/16'], domain: 'cluster.local' },
  kubeadm: { cluster: ['10.244.0.0/16'], service: ['10.96.0.0/12'], domain: 'cluster.local' },
}
const DEFAULT_VERSIONS: Readonly<Record<DistributionKind, string>> = {
  k3s: DEFAULT_VERSION,
  kubeadm: DEFAULT_KUBERNETES,
}
const DEFAULT_NAME = 'keel'
const DEFAULT_KEEL_AGENT_PORT = 50_051
const DEFAULT_ARCH: Arch = 'amd64'

export function nameOf(cluster: Known<ParsedCluster>): string {
  return cluster.name ?? DEFAULT_NAME
}

export function distributionOf(cluster: Known<ParsedCluster>): DistributionKind {
  return cluster.distribution ?? 'k3s'
}

/** As it is written: its distribution knows its form. */
export function versionOf(cluster: Known<ParsedCluster>): string {
  return cluster.version ?? DEFAULT_VERSIONS[distributionOf(cluster)]
}

/** @param files that the inventory names, all of them read */
export function cniOf({ cni = 'flannel' }: Known<ParsedCluster>, files: ManifestFiles): Cni {
  if (typeof cni === 'string') return { kind: cni }
  return {
    kind: 'manifests',
    sources: cni.manifests.map((source) => {
      if (isManifestUrl(source)) return { kind: 'url', url: source }
      const content = files.get(source)
      if (typeof content !== 'string') throw new Error('assembled with a file that was not read')
      return { kind: 'file', path: source, content }
    }),
  }
}

export function datastoreOf(cluster: Known<ParsedCluster>): 'etcd' | 'sqlite' {
  return cluster.datastore ?? 'etcd'
}

export function networksOf(cluster: Known<ParsedCluster>): Networks {
  const { networks } = cluster
  const unsaid = DEFAULT_NETWORKS[distributionOf(cluster)]
  return {
    cluster: networks?.cluster ?? unsaid.cluster,
    service: networks?.service ?? unsaid.service,
    domain: networks?.domain ?? unsaid.domain,
  }
}

/** The families of Pods, Services and Nodes; undefined if the two networks differ. */
export function familiesOf(cluster: Known<ParsedCluster>): readonly Family[] | undefined {
  const networks = networksOf(cluster)
  const families = networks.cluster.map(familyOf)
  const isSound = families.length > 0 && new Set(families).size === families.length
  return isSound && families.join() === networks.service.map(familyOf).join() ? families : undefined
}

export function osOf(host: HostDraft, cluster: ClusterDraft): Os | undefined {
  return host.values.os ?? cluster.values.defaults?.os
}

/** The images of Flatcar have one user, core, who may become root. */
export function loginOf(
  address: { readonly user?: string | undefined },
  defaults: Known<ParsedCluster>['defaults'],
  os: Os,
): string {
  return address.user ?? defaults?.user ?? (os === 'flatcar' ? 'core' : 'root')
}

/** The default port of SSH, if neither the address nor the inventory names one. */
const DEFAULT_PORT = 22

export function portOf(
  address: { readonly port?: number | undefined },
  defaults: Known<ParsedCluster>['defaults'],
): number {
  return address.port ?? defaults?.port ?? DEFAULT_PORT
}

export function archOf(host: HostDraft, cluster: ClusterDraft): Arch {
  return host.values.arch ?? cluster.values.defaults?.arch ?? DEFAULT_ARCH
}

const EVERYBODY = ['0.0.0.0/0', '::/0']

/**
 * The firewall is on, unless the host or the cluster disables it. On NixOS the system's own firewall blocks every port
 * that is not opened, so only the nodes reach the API, unless the inventory sets `api`.
 */
export function firewallPolicyOf(host: HostDraft, cluster: ClusterDraft): FirewallPolicy {
  const written = host.values.firewall ?? cluster.values.firewall ?? true
  if (written === false) return false
  const unsaid = osOf(host, cluster) === 'nixos' ? [] : EVERYBODY
  return { api: (written === true ? undefined : written.api) ?? unsaid }
}

/**
 * The manager in the inventory, else the default for the system of the servers: Flatcar has no keepalived. Undefined if
 * the servers have several systems, or none yet.
 */
export function vipManagerOf(cluster: ClusterDraft, hosts: readonly HostDraft[]): VipManager | undefined {
  const said = cluster.values.vip?.manager
  if (said !== undefined) return said
  const systems = new Set(hosts.filter(hasRole('server')).map((server) => osOf(server, cluster)))
  const [only] = systems
  if (systems.size !== 1 || only === undefined) return undefined
  return only === 'flatcar' ? 'kube-vip' : 'keepalived'
}

/** Undefined if no host has any of it. */
export function keelAgentOf({ keelAgent = false }: Known<ParsedCluster>): KeelAgent | undefined {
  if (keelAgent === false) return undefined
  const {
    tokenFile,
    rbac = 'split',
    program,
    port = DEFAULT_KEEL_AGENT_PORT,
    logLevel = 'info',
  } = keelAgent === true ? {} : keelAgent
  return {
    credential: tokenFile === undefined ? { kind: 'kubelet' } : { kind: 'token', file: tokenFile },
    rbac,
    ...(program === undefined ? {} : { program }),
    port,
    logLevel,
  }
}

/** @param key that the inventory names, checked */
export function sysupdateOf({ sysupdate }: Known<ParsedCluster>, key: ImageKeyFile | undefined): Sysupdate | undefined {
  if (sysupdate === undefined) return undefined
  if (!(key instanceof Uint8Array)) throw new Error('assembled with a key that was not read')
  const { url, timer = false } = sysupdate
  return { url, keyring: Buffer.from(parsePublicKeyring(key)).toString('base64'), timer }
}

/** The server that founds the cluster: the one in the inventory, else the first by name. */
export function firstServerOf(cluster: ClusterDraft, hosts: readonly HostDraft[]): string | undefined {
  const servers = hosts.filter((host) => host.values.role === 'server').map((host) => host.source.name)
  const said = cluster.values.firstServer
  return said !== undefined && servers.some((name) => name === said) ? said : servers.toSorted()[0]
}
