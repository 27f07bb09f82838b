import { familyOf } from '../model/addresses/ip.ts'
import type { HostName, SecretName, SshPublicKey } from '../model/brands.ts'
import type {
  Admin,
  Cluster,
  Host,
  HostFile,
  Json,
  Manifest,
  Os,
  Reader,
  SecretRule,
  SshAddress,
} from '../model/cluster.ts'
import type { Distribution, K3s } from '../model/distribution/distribution.ts'
import { parseK3sVersion } from '../model/k3s/k3s-version.ts'
import { mergeOptions } from '../model/k3s/merge-options.ts'
import { mergeRegistries } from '../model/k3s/registries.ts'
import { AGENT_CA_KEY } from '../model/keel-agent/agent-ca.ts'
import { parseKubernetesVersion } from '../model/kubeadm/kubernetes-version.ts'
import { parseHostName, parseSecretName } from '../model/names.ts'
import type { ParsedCluster, ParsedHost, ParsedSecrets } from '../model/schema/input.ts'
import { nixosOf } from './check/check-nixos.ts'
import { K3S_SECRETS } from './check/check-secrets.ts'
import { warningsOf } from './check/warnings.ts'
import type { HostDraft } from './draft.ts'
import { type People, type Readers, readersOf } from './people.ts'
import {
  archOf,
  cniOf,
  datastoreOf,
  distributionOf,
  familiesOf,
  firewallPolicyOf,
  firstServerOf,
  keelAgentOf,
  loginOf,
  nameOf,
  networksOf,
  osOf,
  portOf,
  sysupdateOf,
  versionOf,
  vipManagerOf,
} from './settings.ts'
import { systemdKubeletOf, taintsOf } from './systemd-kubelet.ts'

/** Turns drafts without faults into the Cluster. */
export function assemble(people: People, strays: readonly string[]): Cluster {
  const cluster = sound(people.cluster.whole)
  const secrets = sound(people.secrets.whole)
  const first = firstServerOf(people.cluster, people.hosts)
  const keelAgent = keelAgentOf(cluster)
  const sysupdate = sysupdateOf(cluster, people.imageKey)
  const admins = adminsOf(secrets)
  const keys = new Map(
    people.hosts.flatMap(({ source, whole }) =>
      whole?.hostKey === undefined ? [] : [[source.name, whole.hostKey] as const],
    ),
  )
  return {
    name: nameOf(cluster),
    distribution: assembleDistribution(cluster, secrets, people.manifestFiles),
    networks: networksOf(cluster),
    ...vipOf(people),
    ...(keelAgent === undefined ? {} : { keelAgent }),
    ...(sysupdate === undefined ? {} : { sysupdate }),
    hosts: people.hosts.map((host) => assembleHost(host, people, first)).toSorted(inJoinOrder),
    admins,
    secrets: [
      ...Object.entries(secrets.secrets).map(([name, rule]) =>
        assembleRule(parseSecretName(name), rule, readersOf(people, name), { admins, keys }),
      ),
      ...(keelAgent === undefined || Object.hasOwn(secrets.secrets, AGENT_CA_KEY) ? [] : [agentCaRule(admins)]),
    ].toSorted(byName),
    warnings: warningsOf(people, strays),
  }
}

/**
 * The first server, the other servers, the agents: the order in which hosts can be deployed. Equal ones are sorted by
 * name.
 */
function inJoinOrder(a: Host, b: Host): number {
  const rank = (host: Host) => (host.firstServer ? 0 : host.role === 'server' ? 1 : 2)
  return rank(a) - rank(b) || byName(a, b)
}

/** By code units, so that no locale changes the order. */
function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0
}

function assembleHost(draft: HostDraft, { cluster, repositoryKeys }: People, first: string | undefined): Host {
  const host = sound(draft.whole)
  const shared = sound(cluster.whole)
  const name: HostName = parseHostName(draft.source.name)
  const os = sound(osOf(draft, cluster))
  const registries = mergeRegistries(shared.registries, host.registries)
  const systemdKubelet = systemdKubeletOf(host, shared, repositoryKeys)
  const interfaceName = host.network?.interface ?? shared.defaults?.network?.interface
  return {
    name,
    os,
    role: host.role,
    arch: archOf(draft, cluster),
    firstServer: name === first,
    address: addressOf(host, shared, os),
    ...(host.hostKey === undefined ? {} : { hostKey: host.hostKey }),
    nodeIPs: nodeIpsOf(host, shared),
    labels: sorted({ ...shared.defaults?.labels, ...host.labels }),
    taints: taintsOf(host, shared),
    tags: [...new Set([...(shared.defaults?.tags ?? []), ...(host.tags ?? [])])].toSorted(),
    network: interfaceName === undefined ? {} : { interface: interfaceName },
    k3s: sorted(mergeOptions(cluster.options, draft.options, host.role)),
    firewall: firewallPolicyOf(draft, cluster),
    keelAgent: keelAgentOf(shared) !== undefined && host.keelAgent !== false,
    ...(systemdKubelet === undefined ? {} : { systemdKubelet }),
    ...(host.sysupdate === false ? { sysupdate: false } : {}),
    ...(os === 'nixos' ? { nixos: nixosOf(draft) } : {}),
    files: filesOf(host, shared),
    manifests: host.role === 'server' ? manifestsOf(host, shared) : [],
    ...(registries === undefined ? {} : { registries: toJson(registries) }),
  }
}

function vipOf({ cluster, hosts }: People): Pick<Cluster, 'vip'> {
  const { vip } = sound(cluster.whole)
  if (vip === undefined) return {}
  const { address, interface: name, image } = vip
  const manager = sound(vipManagerOf(cluster, hosts))
  return {
    vip: {
      address,
      manager,
      ...(name === undefined ? {} : { interface: name }),
      ...(image === undefined ? {} : { image }),
    },
  }
}

function addressOf({ address }: ParsedHost, { defaults }: ParsedCluster, os: Os): SshAddress {
  return { user: loginOf(address, defaults, os), host: address.host, port: portOf(address, defaults) }
}

/**
 * The first is the primary address of the Node. It has the family that comes first in the networks, because k3s needs
 * the same order.
 */
function nodeIpsOf({ nodeIP = [] }: ParsedHost, cluster: ParsedCluster): string[] {
  const families = familiesOf(cluster) ?? []
  return nodeIP.toSorted((a, b) => families.indexOf(familyOf(a)) - families.indexOf(familyOf(b)))
}

function filesOf(host: ParsedHost, cluster: ParsedCluster): HostFile[] {
  return Object.entries(sorted({ ...cluster.files, ...host.files })).map(([path, file]) => ({
    path,
    content: file.content,
    mode: ('mode' in file ? file.mode : undefined) ?? '0644',
    owner: ('owner' in file ? file.owner : undefined) ?? 'root',
    group: ('group' in file ? file.group : undefined) ?? 'root',
  }))
}

function manifestsOf(host: ParsedHost, cluster: ParsedCluster): Manifest[] {
  return Object.entries(sorted({ ...cluster.manifests, ...host.manifests })).map(([name, content]) => ({
    name,
    content,
  }))
}

function adminsOf({ admins }: ParsedSecrets): Admin[] {
  return Object.entries(admins)
    .map(([name, key]) => ({ name, key }))
    .toSorted(byName)
}

function assembleRule(
  name: SecretName,
  rule: ParsedSecrets['secrets'][SecretName],
  allowed: Readers,
  { admins, keys }: { readonly admins: readonly Admin[]; readonly keys: ReadonlyMap<string, SshPublicKey> },
): SecretRule {
  const hosts = [...allowed.hosts].flatMap((host): Reader[] => {
    const key = keys.get(host)
    return key === undefined ? [] : [{ kind: 'host', name: host, key }]
  })
  return {
    name,
    file: `secrets/${name}.age`,
    readers: [
      ...admins
        .filter((admin) => allowed.admins.has(admin.name))
        .map(({ name, key }): Reader => ({ kind: 'admin', name, key })),
      ...hosts.toSorted(byName),
    ],
    ...(rule.generate === undefined ? {} : { generate: rule.generate }),
    armor: rule.armor ?? false,
  }
}

/** A cluster with the keel-agent has its CA without a rule, which would always be the same. */
function agentCaRule(admins: readonly Admin[]): SecretRule {
  return {
    name: AGENT_CA_KEY,
    file: `secrets/${AGENT_CA_KEY}.age`,
    readers: admins.map(({ name, key }): Reader => ({ kind: 'admin', name, key })),
    generate: 'keel-agent-ca',
    armor: false,
  }
}

function assembleDistribution(
  cluster: ParsedCluster,
  secrets: ParsedSecrets,
  files: People['manifestFiles'],
): Distribution {
  const version = versionOf(cluster)
  const kind = distributionOf(cluster)
  switch (kind) {
    case 'k3s':
      return {
        kind,
        version: parseK3sVersion(version),
        datastore: datastoreOf(cluster),
        secrets: k3sSecretsOf(secrets),
      }
    case 'kubeadm':
      return {
        kind,
        version: parseKubernetesVersion(version),
        cni: cniOf(cluster, files),
        containerd: cluster.containerd ?? 'checked',
      }
  }
}

function k3sSecretsOf({ secrets }: ParsedSecrets): K3s['secrets'] {
  return {
    serverToken: parseSecretName(K3S_SECRETS.serverToken),
    agentToken: parseSecretName(K3S_SECRETS.agentToken),
    ...(Object.hasOwn(secrets, K3S_SECRETS.ca) ? { ca: parseSecretName(K3S_SECRETS.ca) } : {}),
  }
}

function sorted<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
}

/** A copy without the keys whose value is undefined. */
function toJson(value: unknown): Json {
  if (Array.isArray(value)) return value.map(toJson)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, toJson(inner)]])),
    )
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null
}

function sound<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('assembled from a draft with faults')
  return value
}
