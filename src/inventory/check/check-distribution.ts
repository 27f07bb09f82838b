import { KeelError, plainFault } from '../../errors.ts'
import { type Unsupported, unsupported } from '../../model/distribution/unsupported.ts'
import { parseK3sVersion } from '../../model/k3s/k3s-version.ts'
import { containerdConfigPath } from '../../model/kubeadm/containerd-unit.ts'
import { parseKubernetesVersion } from '../../model/kubeadm/kubernetes-version.ts'
import { valueAt } from '../../model/schema/value-at.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken } from '../draft.ts'
import { distributionOf } from '../settings.ts'

const parsers = { k3s: parseK3sVersion, kubeadm: parseKubernetesVersion } as const

/** Checks what only one distribution has, or what has another form in it. */
export function checkDistribution(cluster: ClusterDraft, hosts: readonly HostDraft[]): Finding[] {
  if (isBroken(cluster, 'distribution')) return []
  const rows = unsupported[distributionOf(cluster.values)]
  const of = (place: 'cluster' | 'host') => rows.filter((row) => row.in.includes(place))
  const [ofCluster, ofHosts] = [of('cluster'), of('host')]
  return [
    ...checkVersion(cluster),
    ...[cluster, ...hosts].flatMap((one) => checkContainerdFile(cluster, one)),
    ...ofCluster.flatMap((row) => checkRow(cluster, cluster, row)),
    ...hosts.flatMap((host) => ofHosts.flatMap((row) => checkRow(cluster, host, row))),
  ]
}

function checkVersion({ source, values }: ClusterDraft): Finding[] {
  const { version } = values
  if (version === undefined) return []
  try {
    parsers[distributionOf(values)](version)
    return []
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    return [{ source, path: ['version'], ...plainFault(error) }]
  }
}

function checkContainerdFile(cluster: ClusterDraft, { source, values }: ClusterDraft | HostDraft): Finding[] {
  const isTwice = cluster.values.containerd === 'managed' && Object.hasOwn(values.files ?? {}, containerdConfigPath)
  if (!isTwice) return []
  return [
    {
      source,
      path: ['files', containerdConfigPath],
      part: 'key',
      code: 'file-owned',
      found: `${containerdConfigPath} with containerd: 'managed'`,
      why: 'keel writes this file then',
      todo: 'remove one of the two',
    },
  ]
}

function checkRow(cluster: ClusterDraft, { source, values }: ClusterDraft | HostDraft, row: Unsupported): Finding[] {
  const value = valueAt(values, row.path)
  const isAsked = row.values === undefined ? value !== undefined && value !== false : row.values.includes(value)
  if (!isAsked) return []
  return [
    {
      source,
      path: row.path,
      ...(row.values === undefined ? { part: 'key' as const } : {}),
      code: 'distribution-lacks',
      found: `${row.values === undefined ? `'${row.path.at(-1)}'` : `'${String(value)}'`} with distribution: '${distributionOf(cluster.values)}'`,
      why: row.why,
      todo: row.todo,
    },
  ]
}
