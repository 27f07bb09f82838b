import type { Cluster } from '../../../model/cluster.ts'

/** The version of Kubernetes that a Node of keel-vkubelet says it is: that of its cluster, without the build. */
export function versionOf({ distribution: { version } }: Pick<Cluster, 'distribution'>): string {
  return version.split('+')[0] ?? version
}
