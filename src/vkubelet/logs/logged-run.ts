import type { Pod } from '../pod/pod.ts'
import { runsAgain } from '../state/back-off.ts'
import type { Situation } from '../state/situation.ts'

/** The run of a container whose output somebody wants. */
export type LoggedRun =
  | { readonly kind: 'run'; readonly invocation: string; readonly isOver: boolean }
  /** There is none: why, in words for the person at kubectl. */
  | { readonly kind: 'none'; readonly why: string }

interface Asked {
  readonly pod: Pod
  readonly container: string
  readonly situation: Situation
  readonly previous: boolean
}

/** As a kubelet chooses it (pkg/kubelet, validateContainerLogStatus): while a container waits, its last run counts for both. */
export function loggedRun({ pod, container, situation, previous }: Asked): LoggedRun {
  const invocation = previous ? runBefore(pod, container, situation) : currentRun(situation)
  if (invocation !== undefined) return { kind: 'run', invocation, isOver: previous || !isUnderWay(situation) }
  const of = `container "${container}" in pod "${pod.name}"`
  return {
    kind: 'none',
    why: previous ? `previous terminated ${of} not found` : `${of} is waiting to start`,
  }
}

function isUnderWay({ kind }: Situation): boolean {
  return kind === 'running' || kind === 'starting'
}

function currentRun(situation: Situation): string | undefined {
  if (situation.kind === 'absent') return undefined
  return situation.kind === 'prepared' ? situation.metadata.after : situation.invocation
}

function runBefore({ restartPolicy, deletion, initContainers }: Pod, container: string, situation: Situation) {
  if (situation.kind === 'absent') return undefined
  if (situation.kind !== 'ended') return situation.metadata.after
  const isInit = initContainers.some(({ name }) => name === container)
  const waits = deletion === undefined && runsAgain(restartPolicy, situation.end, isInit)
  return waits ? situation.invocation : situation.metadata?.after
}
