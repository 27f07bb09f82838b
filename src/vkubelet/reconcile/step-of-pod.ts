import { sliceName } from '../names/slice-name.ts'
import { unitName } from '../names/unit-name.ts'
import type { Container, Pod } from '../pod/pod.ts'
import { nextPause, runsAgain } from '../state/back-off.ts'
import { containerStatus, type Waiting } from '../state/container-status.ts'
import { isReported } from '../state/is-reported.ts'
import { podStatus } from '../state/pod-status.ts'
import { type Situation, situationOf } from '../state/situation.ts'
import { containerUnit, type Run } from '../units/container-unit.ts'
import { LOST } from '../units/end.ts'
import { readMetadata } from '../units/metadata.ts'
import { sliceUnit } from '../units/slice-unit.ts'
import { unitText } from '../units/unit-text.ts'
import { isOccupied } from './leftovers.ts'
import type { Operation } from './operation.ts'
import type { PodStep } from './pod-step.ts'
import { preparationKey, type World } from './world.ts'

/** A container with where it is, and what comes next. */
interface Seen {
  readonly container: Container
  readonly unit: string
  readonly isInit: boolean
  readonly situation: Situation
  /** It has ended, and runs again. */
  readonly again: boolean
}

/** What to do for one Pod now. */
export function stepOfPod(world: World, pod: Pod): PodStep {
  const init = pod.initContainers.map((one) => seenOf(world, pod, one, true))
  const containers = pod.containers.map((one) => seenOf(world, pod, one, false))
  const all = [...init, ...containers]
  const isEnding = pod.deletion !== undefined
  // it is over, and stays so: the API server takes no other end
  const isOver = pod.reported.phase === 'Succeeded' || pod.reported.phase === 'Failed'
  const due = isEnding || isOver || isTaken(world, pod, all) ? [] : dueOf(world, pod, init, containers)
  const files = due.flatMap((one) => filesOf(world, pod, one))
  const status = statusOf(world, pod, init, containers, isEnding)
  const after: Operation[] = isOver || isReported(pod.reported.whole, status) ? [] : [{ kind: 'report', pod, status }]
  if (isEnding && !all.some(({ situation: { kind } }) => kind === 'running' || kind === 'starting'))
    after.push({ kind: 'delete-pod', pod })
  return {
    before: all.flatMap((one) => signalsOf(world, pod, one)),
    files: files.length === 0 ? [] : [...sliceFile(world, pod), ...files],
    run: due.map(({ unit }) => unit),
    after,
  }
}

function isTaken(world: World, pod: Pod, all: readonly Seen[]): boolean {
  const services = all.map(({ unit }) => unit)
  return isOccupied(world, pod, services, sliceName({ namespace: pod.namespace, pod: pod.name }))
}

function seenOf({ units }: World, pod: Pod, container: Container, isInit: boolean): Seen {
  const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: container.name })
  const { text, shown } = units.get(unit) ?? {}
  const found = text === undefined ? undefined : readMetadata(unit, text)
  // an earlier Pod of this name says nothing about this one
  const isOwn = found?.uid === pod.uid
  const reported = pod.reported.containers.get(container.name)
  const situation = situationOf(isOwn ? found : undefined, isOwn ? shown : undefined, reported)
  const again =
    situation.kind === 'ended' && pod.deletion === undefined && runsAgain(pod.restartPolicy, situation.end, isInit)
  return { container, unit, isInit, situation, again }
}

/** The containers whose run begins now. */
function dueOf(world: World, pod: Pod, init: readonly Seen[], containers: readonly Seen[]): readonly Seen[] {
  // the first init container that has not done its work is the only one whose turn it is
  const current = init.find(({ situation }) => !(situation.kind === 'ended' && situation.end.exitCode === 0))
  const turn = current === undefined ? containers : [current]
  return turn.filter((one) => {
    if (world.preparations.get(preparationKey(pod, one.container.name))?.kind !== 'ready') return false
    if (one.situation.kind === 'ended') return one.again && world.now >= startOf(one.situation)
    return one.situation.kind === 'absent' || one.situation.kind === 'prepared'
  })
}

/** When a container that has ended runs again, in milliseconds. */
function startOf({ end, metadata }: Situation & { kind: 'ended' }): number {
  return (end.finished ?? 0) + nextPause(metadata?.pause, end) * 1000
}

/** The files for a run: the environment is new for each. */
function filesOf({ units, preparations, host }: World, pod: Pod, { container, unit, situation }: Seen): Operation[] {
  const prepared = preparations.get(preparationKey(pod, container.name))
  if (prepared?.kind !== 'ready') return []
  const text = unitText(containerUnit(pod, container, prepared, runOf(situation), host))
  return [
    { kind: 'write-environment', pod, container: container.name },
    ...(units.get(unit)?.text === text ? [] : [{ kind: 'write-unit', unit, text } as const]),
  ]
}

function runOf(situation: Situation): Run {
  switch (situation.kind) {
    case 'absent':
      return { run: 0 }
    case 'ended': {
      const { run, invocation, end, metadata } = situation
      const pause = nextPause(metadata?.pause, end)
      return { run: run + 1, pause, ...(invocation === undefined ? {} : { after: invocation }), last: end }
    }
    default: {
      const { run, pause, after, last } = situation.metadata
      return {
        run,
        ...(pause === undefined ? {} : { pause }),
        ...(after === undefined ? {} : { after }),
        ...(last === undefined ? {} : { last }),
      }
    }
  }
}

function sliceFile({ units, host }: World, pod: Pod): readonly Operation[] {
  const unit = sliceName({ namespace: pod.namespace, pod: pod.name })
  const text = unitText(sliceUnit(pod, host))
  return units.get(unit)?.text === text ? [] : [{ kind: 'write-unit', unit, text }]
}

function signalsOf({ units, signalled, now }: World, { deletion }: Pod, { unit, situation }: Seen): Operation[] {
  const kill: Operation[] = [{ kind: 'signal', unit, signal: 'SIGKILL' }]
  // its main process has ended, and others of it have not: in a container they would have ended with it
  if (situation.kind === 'ended') return (units.get(unit)?.shown?.tasks ?? 0) > 0 ? kill : []
  if (deletion === undefined || (situation.kind !== 'running' && situation.kind !== 'starting')) return []
  if (now >= deletion.by) return kill
  return signalled.has(situation.invocation) ? [] : [{ kind: 'signal', unit, signal: 'SIGTERM' }]
}

function statusOf(
  { preparations }: World,
  pod: Pod,
  init: readonly Seen[],
  containers: readonly Seen[],
  isEnding: boolean,
): ReturnType<typeof podStatus> {
  const isInitialized = init.every(({ situation }) => situation.kind === 'ended' && situation.end.exitCode === 0)
  const of = ({ container, isInit, situation, again }: Seen) => {
    const { name, image } = container
    const prepared = preparations.get(preparationKey(pod, name))
    return containerStatus({
      name,
      image,
      isInit,
      situation: isEnding ? atLast(situation) : situation,
      waiting: waitingOf(isInit || isInitialized, prepared?.kind === 'waiting' ? prepared : undefined, again),
      runsAgain: again,
    })
  }
  return podStatus(pod, init.map(of), containers.map(of), isEnding)
}

/** A run that has not begun when its Pod is deleted never will: the one before it was the last. */
function atLast(situation: Situation): Situation {
  if (situation.kind === 'absent') return { kind: 'ended', run: 0, end: LOST }
  if (situation.kind !== 'prepared') return situation
  const { run, after, last = LOST } = situation.metadata
  return { kind: 'ended', run: Math.max(run - 1, 0), end: last, ...(after === undefined ? {} : { invocation: after }) }
}

function waitingOf(isTurn: boolean, prepared: Waiting | undefined, again: boolean): Waiting {
  if (!isTurn) return { reason: 'PodInitializing' }
  if (prepared !== undefined)
    return {
      reason: prepared.reason,
      ...(prepared.message === undefined ? {} : { message: prepared.message }),
    }
  return { reason: again ? 'CrashLoopBackOff' : 'ContainerCreating' }
}
