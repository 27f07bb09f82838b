import type { Cluster, Host, Json } from '../../../model/cluster.ts'
import { REPOSITORY_LOGINS, vkubeletPaths } from '../../../model/systemd-kubelet/paths.ts'
import type { Repository, SystemdKubelet } from '../../../model/systemd-kubelet/systemd-kubelet.ts'
import type { WrittenVkubeletConfig } from '../../../model/systemd-kubelet/vkubelet-config.ts'
import type { VkubeletNode, WantedCredential } from '../../host-state.ts'
import { versionOf } from './version-of.ts'

/** What depends on the distribution: how the program joins, and what else of it is on a host. */
export interface OfDistribution extends Pick<WrittenVkubeletConfig['api'], 'servers' | 'join' | 'ca'> {
  /** Of the API server in PEM, where keel places it. */
  readonly placedCa?: string
  /** The credentials that the join needs, by ID. */
  readonly credentials: readonly string[]
  /** Folders with credentials of the distribution. */
  readonly hidden: readonly string[]
}

/** Other credentials and settings of a host, which no Pod sees. */
const HIDDEN = [
  '/etc/ssh',
  '/etc/shadow',
  '/etc/gshadow',
  '/etc/keel',
  '/etc/credstore',
  '/etc/credstore.encrypted',
  '/var/lib/keel',
  '/var/lib/keel-vkubelet',
  '/var/lib/systemd',
  '/root',
]

/** What a host has for keel-vkubelet; undefined where its Node is its distribution's. Pure. */
export function vkubeletNodeOf(cluster: Cluster, host: Host, of: OfDistribution): VkubeletNode | undefined {
  const { systemdKubelet: settings } = host
  if (settings === undefined) return undefined
  const config = configOf(cluster, host, settings, of)
  return {
    version: config.node.kubernetes,
    configuration: `${JSON.stringify(config, null, 2)}\n`,
    credentials: [...of.credentials, ...vkubeletCredentials(host).map(({ id }) => id)],
    files: [
      ...settings.repositories.map((one) => ({ path: sourcePath(one), content: sourceText(one) })),
      ...(of.placedCa === undefined ? [] : [{ path: vkubeletPaths.ca.placed, content: of.placedCa }]),
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

function configOf(
  cluster: Cluster,
  host: Host,
  settings: SystemdKubelet,
  { servers, join, ca, hidden }: OfDistribution,
): WrittenVkubeletConfig {
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
    api: { servers, join, ca, client: vkubeletPaths.client, state: vkubeletPaths.state },
    images: {
      packages: [...packages],
      programs: [...programs],
      repositories: repositories.map((one) => ({ name: one.name, uris: [...one.uris], source: sourcePath(one) })),
      ...(hasLogin ? { logins: credentialPath(REPOSITORY_LOGINS) } : {}),
    },
    hostPaths: hostPaths.map((one) => ({ ...one })),
    reserve: { ...reserve },
    hidden: [...HIDDEN, ...hidden],
  }
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
