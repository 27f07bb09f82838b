import type { ReadPod } from '../pod/read-pod.ts'
import { describeRefusals } from '../pod/refusal.ts'
import { isReported } from '../state/is-reported.ts'
import type { PodStatus } from '../state/pod-status.ts'
import type { PodStep } from './pod-step.ts'

/**
 * A Pod that this Node does not run says why, and stays Pending: a ReplicaSet would replace one that has failed, at
 * once and for ever. When somebody deletes it, nothing has to end first.
 */
export function stepOfRefused({
  identity: pod,
  refusals,
  isEnding,
  status: whole,
}: ReadPod & { kind: 'refused' }): PodStep {
  const nothing = { before: [], files: [], run: [] }
  if (isEnding) return { ...nothing, after: [{ kind: 'delete-pod', pod }] }
  const status: PodStatus = {
    phase: 'Pending',
    reason: 'NotSupported',
    message: describeRefusals(refusals),
    conditions: [{ type: 'Ready', status: 'False', reason: 'NotSupported' }],
    initContainerStatuses: [],
    containerStatuses: [],
  }
  return { ...nothing, after: isReported(whole, status) ? [] : [{ kind: 'report', pod, status }] }
}
