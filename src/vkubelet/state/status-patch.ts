import type { Pod, PodIdentity } from '../pod/pod.ts'
import { timeOf } from './container-status.ts'
import type { PodStatus } from './pod-status.ts'

interface Asked {
  readonly pod: PodIdentity & Partial<Pick<Pod, 'generation' | 'reported'>>
  readonly status: PodStatus
  /** Of the host, which are the Pod's: at least one. */
  readonly addresses: readonly string[]
  /** Milliseconds. */
  readonly now: number
}

/**
 * The strategic merge patch that reports a Pod's status. It names the UID, so a later Pod of the same name refuses it.
 * The list of the Pod's addresses would be merged by address, so it replaces the one that is there.
 */
export function statusPatch({ pod, status, addresses, now }: Asked): object {
  const { reported, generation } = pod
  const wasSince = new Map(reported?.conditions.map((one) => [one.type, one]))
  const conditions = status.conditions.map((one) => {
    const before = wasSince.get(one.type)
    const since = before?.status === one.status ? before.since : undefined
    return { ...one, lastTransitionTime: since ?? timeOf(now), reason: one.reason ?? null, ...observed(generation) }
  })
  return {
    metadata: { uid: pod.uid },
    status: {
      ...status,
      conditions,
      ...observed(generation),
      startTime: reported?.startTime ?? timeOf(now),
      hostIP: addresses[0],
      hostIPs: addresses.map((ip) => ({ ip })),
      podIP: addresses[0],
      podIPs: [{ $patch: 'replace' }, ...addresses.map((ip) => ({ ip }))],
    },
  }
}

function observed(generation: number | undefined): { readonly observedGeneration?: number } {
  return generation === undefined || generation === 0 ? {} : { observedGeneration: generation }
}
