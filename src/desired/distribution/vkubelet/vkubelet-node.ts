import type { Cluster, Host, Json } from '../../../model/cluster.ts'
import { addressOf, apiAt } from '../../../model/k3s/api-address.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'
import { keelKubeadmPaths, kubeadmPaths } from '../../../model/kubeadm/paths.ts'
import { REPOSITORY_LOGINS, vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { Repository, SystemdKubelet } from '../../../model/systemd-kubelet/systemd-kubelet.ts'
import type { WrittenVkubeletConfig } from '../../../model/systemd-kubelet/vkubelet-config.ts'
import type { ClusterState } from '../../cluster-state.ts'
import type { VkubeletNode, WantedCredential } from '../../host-state.ts'
import { endpointOf } from '../kubeadm/endpoint.ts'
import { versionOf } from './version-of.ts'

/** Other credentials and settings of a host, which no Pod sees. */
const HIDDEN = [
  '/etc/ssh',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/keel',
  '/etc/credstore',
  '/etc/credstore.encrypted',
  k3sPaths.roots.configuration,
  k3sPaths.roots.data,
  '/etc/kubernetes',
  kubeadmPaths.etcd,
  '/var/lib/kubelet',
  '/var/lib/keel',
  '/var/lib/systemd',
  '/root',
]

/**
 * What a host has for keel-vkubelet; undefined where its Node is its distribution's. Pure.
 * @param ca of the API server in PEM, where keel places it
 */
export function vkubeletNodeOf(
  { cluster }: Pick<ClusterState, 'cluster'>,
  host: Host,
  ca?: string,
): VkubeletNode | undefined {
  const { systemdKubelet: settings } = host
  if (settings === undefined) return undefined
  const config = configOf(cluster, host, settings)
  return {
    version: config.node.kubernetes,
    configuration: `${JSON.stringify(config, null, 2)}\n`,
    credentials: [
      ...(cluster.distribution.kind === 'k3s' ? [cluster.distribution.secrets.agentToken] : []),
      ...vkubeletCredentials(host).map(({ id }) => id),
    ],
    files: [
      ...settings.repositories.map((one) => ({ path: sourcePath(one), content: sourceText(one) })),
      ...(ca === undefined ? [] : [{ path: vkubeletPaths.ca.placed, content: ca }]),
    ],
  }
}

/** The credentials that only keel-vkubelet reads. */
export function vkubeletCredentials({ systemdKubelet }: Host): readonly WantedCredential[] {
  const logins = (systemdKubelet?.repositories ?? []).flatMap(({ name, login }): [string, Json][] =>
    login === undefined ? [] : [[name, { user: login.user, password: login.password }]],
  )
  if (logins.length === 0) return []
  return [
    {
      id: REPOSITORY_LOGINS,
      content: { kind: 'yaml', value: Object.fromEntries(logins) },
      readAtStartBy: vkubeletPaths.unit,
    },
  ]
}

function configOf(cluster: Cluster, host: Host, settings: SystemdKubelet): WrittenVkubeletConfig {
  const { packages, programs, repositories, hostPaths, reserve } = settings
  const hasLogin = repositories.some(({ login }) => login !== undefined)
  return {
    version: 1,
    node: {
      name: host.name,
      addresses: [...host.nodeIPs],
      labels: { ...host.labels },
      taints: [...host.taints],
      kubernetes: versionOf(cluster),
    },
    api: apiOf(cluster, host),
    images: {
      packages: [...packages],
      programs: [...programs],
      repositories: repositories.map((one) => ({ name: one.name, uris: [...one.uris], source: sourcePath(one) })),
      ...(hasLogin ? { logins: credentialPath(REPOSITORY_LOGINS) } : {}),
    },
    hostPaths: hostPaths.map((one) => ({ ...one })),
    reserve: { ...reserve },
    hidden: HIDDEN,
  }
}

function apiOf(cluster: Cluster, host: Host): WrittenVkubeletConfig['api'] {
  const { distribution } = cluster
  const own = { client: vkubeletPaths.client, state: vkubeletPaths.state }
  if (distribution.kind === 'kubeadm')
    return {
      servers: [`https://${endpointOf(cluster)}`],
      join: { kind: 'kubeadm', token: keelKubeadmPaths.permit },
      ca: vkubeletPaths.ca.placed,
      ...own,
    }
  return {
    servers: host.role === 'server' ? [apiAt('127.0.0.1')] : serversFor(cluster),
    join: {
      kind: 'k3s',
      token: credentialPath(distribution.secrets.agentToken),
      nodePassword: k3sPaths.nodePassword,
    },
    ca: vkubeletPaths.ca.kept,
    ...own,
  }
}

/** The address that moves, then each server: without k3s there is no load balancer on the host. */
function serversFor({ vip, hosts }: Cluster): string[] {
  const servers = hosts.filter(({ role }) => role === 'server').map(addressOf)
  return [...new Set([...(vip === undefined ? [] : [vip.address]), ...servers])].map(apiAt)
}

function credentialPath(id: string): string {
  return `/run/credentials/${vkubeletPaths.unit}/${id}`
}

function sourcePath({ name }: Repository): string {
  return `${vkubeletPaths.sources}/${name}.sources`
}

/** deb822 (sources.list(5)): the key is in the field itself, each line with a blank before it, an empty one as a dot. */
function sourceText({ uris, suites, components, signedBy }: Repository): string {
  const key = signedBy
    .trimEnd()
    .split('\n')
    .map((line) => ` ${line === '' ? '.' : line}`)
  return [
    '# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.',
    'Types: deb',
    `URIs: ${uris.join(' ')}`,
    `Suites: ${suites.join(' ')}`,
    ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
    'Signed-By:',
    ...key,
    '',
  ].join('\n')
}
