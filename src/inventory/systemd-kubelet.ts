import { mergeTaints } from '../model/kubernetes/labels.ts'
import type { ParsedCluster, ParsedHost } from '../model/schema/input.ts'
import { isKeyFile, readRepositoryKey } from '../model/systemd-kubelet/parse-settings.ts'
import {
  DEFAULT_RESERVE,
  PROVIDER_TAINT,
  type Repository,
  type SystemdKubelet,
} from '../model/systemd-kubelet/systemd-kubelet.ts'
import type { NamedFiles } from './definitions.ts'

/**
 * The settings of a host whose Pods are units of systemd: those of the cluster, and its own. Undefined for any other.
 * @param files with the keys of repositories, all of them read
 */
export function systemdKubeletOf(
  host: ParsedHost,
  cluster: ParsedCluster,
  files: NamedFiles,
): SystemdKubelet | undefined {
  if (host.kubelet !== 'systemd') return undefined
  const [shared, own] = [cluster.systemdKubelet ?? {}, host.systemdKubelet ?? {}]
  const repositories = { ...shared.repositories, ...own.repositories }
  const hostPaths = { ...shared.hostPaths, ...own.hostPaths }
  return {
    packages: (own.packages ?? shared.packages ?? []).toSorted(),
    programs: (own.programs ?? shared.programs ?? []).toSorted(),
    repositories: Object.entries(repositories)
      .map(
        ([name, { uris, suites, components = [], signedBy, login }]): Repository => ({
          ...{ name, uris, suites, components },
          signedBy: isKeyFile(signedBy) ? readRepositoryKey(textIn(files, signedBy)) : signedBy,
          ...(login === undefined ? {} : { login: { user: login.user, password: login.password } }),
        }),
      )
      .toSorted((a, b) => compare(a.name, b.name)),
    hostPaths: Object.entries(hostPaths)
      .map(([path, mode]) => ({ path, readOnly: mode === 'read-only' }))
      .toSorted((a, b) => compare(a.path, b.path)),
    reserve: {
      milliCores: own.reserve?.cpu ?? shared.reserve?.cpu ?? DEFAULT_RESERVE.milliCores,
      memory: own.reserve?.memory ?? shared.reserve?.memory ?? DEFAULT_RESERVE.memory,
    },
  }
}

/** A host that names no taints keeps away Pods of others, whose images mean nothing there. `taints: []` lets them in. */
export function taintsOf(host: ParsedHost, cluster: ParsedCluster): readonly string[] {
  const unsaid = host.kubelet === 'systemd' ? [PROVIDER_TAINT] : []
  return mergeTaints(cluster.defaults?.taints ?? [], host.taints ?? unsaid)
}

function textIn(files: NamedFiles, path: string): string {
  const text = files.get(path)
  if (typeof text !== 'string') throw new Error('assembled with a key that was not read')
  return text
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
