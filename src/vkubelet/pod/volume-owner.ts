import type { Pod } from './pod.ts'

/** Who has the files that keel makes in the volumes of a Pod. */
export interface VolumeOwner {
  readonly user: number
  readonly group: number
  /** The group may write what it is given (`fsGroup`). */
  readonly isShared: boolean
}

/**
 * In Kubernetes the group of the files (`fsGroup`) becomes a group of every process. systemd gives a unit no group that the
 * host does not have, so the files belong to the one user of the Pod as well. Root needs neither.
 */
export function volumeOwner({ initContainers, containers, fsGroup }: Pod): VolumeOwner {
  const user = commonUser({ initContainers, containers }) ?? 0
  if (fsGroup === undefined) return { user: 0, group: 0, isShared: false }
  return { user, group: fsGroup, isShared: true }
}

/** The one user of all containers that are not root's; undefined where there are several, or none. */
export function commonUser({
  initContainers,
  containers,
}: Pick<Pod, 'initContainers' | 'containers'>): number | undefined {
  const users = new Set([...initContainers, ...containers].map(({ security }) => security.user))
  users.delete(0)
  const [user] = users
  return users.size === 1 ? user : undefined
}
