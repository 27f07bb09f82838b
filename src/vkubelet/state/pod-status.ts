import type { Pod, RestartPolicy } from '../pod/pod.ts'
import type { ContainerStatus } from './container-status.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

interface Condition {
  readonly type: 'PodReadyToStartContainers' | 'Initialized' | 'ContainersReady' | 'Ready'
  readonly status: 'True' | 'False'
  readonly reason?: string
}

/** What this Node reports of a Pod (Kubernetes, PodStatus), without the times of its conditions. */
export interface PodStatus {
  readonly phase: Phase
  readonly conditions: readonly Condition[]
  readonly initContainerStatuses: readonly ContainerStatus[]
  readonly containerStatuses: readonly ContainerStatus[]
  readonly reason?: string
  readonly message?: string
}

/**
 * The phase of a Pod (kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle). `Succeeded` and `Failed` are final: a
 * Job counts them, so no container may run again after one of them.
 * @param isEnding the Pod is being deleted: nothing of it runs again
 */
export function phaseOf(
  policy: RestartPolicy,
  init: readonly ContainerStatus[],
  containers: readonly ContainerStatus[],
  isEnding: boolean,
): Phase {
  const codeOf = ({ state }: ContainerStatus) => ('terminated' in state ? state.terminated.exitCode : undefined)
  const isFinal = isEnding || policy === 'Never'
  // an init container that fails for good is the end of its Pod
  if (init.some((one) => (codeOf(one) ?? 0) !== 0) && isFinal) return 'Failed'
  if (!init.every((one) => codeOf(one) === 0)) return 'Pending'
  const codes = containers.map(codeOf)
  if (codes.every((code) => code !== undefined) && (isFinal || policy === 'OnFailure')) {
    if (codes.every((code) => code === 0)) return 'Succeeded'
    if (isFinal) return 'Failed'
  }
  // one that has not run at all keeps it Pending; one that waits for its next run does not
  const hasRun = ({ state, lastState }: ContainerStatus) => !('waiting' in state) || lastState.terminated !== undefined
  return containers.every(hasRun) ? 'Running' : 'Pending'
}

/** @param isEnding the Pod is being deleted */
export function podStatus(
  { restartPolicy }: Pick<Pod, 'restartPolicy'>,
  init: readonly ContainerStatus[],
  containers: readonly ContainerStatus[],
  isEnding: boolean,
): PodStatus {
  const phase = phaseOf(restartPolicy, init, containers, isEnding)
  const isOver = phase === 'Succeeded' || phase === 'Failed'
  const isInitialized = init.every(({ ready }) => ready)
  const isReady = containers.every(({ ready }) => ready)
  const notReady = phase === 'Succeeded' ? 'PodCompleted' : phase === 'Failed' ? 'PodFailed' : 'ContainersNotReady'
  const condition = (type: Condition['type'], isTrue: boolean, reason: string): Condition =>
    isTrue ? { type, status: 'True' } : { type, status: 'False', reason }
  return {
    phase,
    conditions: [
      condition('PodReadyToStartContainers', !isOver, 'PodCompleted'),
      condition('Initialized', isInitialized, 'ContainersNotInitialized'),
      condition('ContainersReady', isReady, notReady),
      condition('Ready', isReady, notReady),
    ],
    initContainerStatuses: init,
    containerStatuses: containers,
  }
}
