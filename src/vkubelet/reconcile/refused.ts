import type { Pod } from '../pod/pod.ts'
import type { ReadPod } from '../pod/read-pod.ts'
import { describeRefusals } from '../pod/refusal.ts'
import { isReported } from '../state/is-reported.ts'
import type { PodStatus } from '../state/pod-status.ts'
import type { Rejection } from './admission.ts'
import type { PodStep } from './pod-step.ts'

const nothing = { before: [], files: [], run: [] }

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

/** One that has no place beside the others is over, as kubelet has it: its controller may find another Node. */
export function stepOfRejected(pod: Pod, { reason, message }: Rejection): PodStep {
  const status: PodStatus = {
    phase: 'Failed',
    reason,
    message,
    conditions: [],
    initContainerStatuses: [],
    containerStatuses: [],
  }
  return { ...nothing, after: [{ kind: 'report', pod, status }] }
}
