import { sliceName } from '../names/slice-name.ts'
import { unitName } from '../names/unit-name.ts'
import type { Container, Pod } from '../pod/pod.ts'
import { nextPause, runsAgain } from '../state/back-off.ts'
import { containerStatus, type Waiting } from '../state/container-status.ts'
import { isReported } from '../state/is-reported.ts'
import { type PodStatus, podStatus } from '../state/pod-status.ts'
import { type Situation, situationOf } from '../state/situation.ts'
import { containerUnit, type Run } from '../units/container-unit.ts'
import { LOST } from '../units/end.ts'
import { readMetadata } from '../units/metadata.ts'
import { sliceUnit } from '../units/slice-unit.ts'
import { unitText } from '../units/unit-text.ts'
import { type Doom, doomOf } from './doom.ts'
import { isOccupied } from './leftovers.ts'
import type { Operation } from './operation.ts'
import type { PodStep } from './pod-step.ts'
import { signalsOf } from './signals.ts'
import { userToAdd } from './users.ts'
import { volumesToWrite } from './volumes.ts'
import { preparationKey, runKey, type World } from './world.ts'

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
  const doom = isEnding || isOver ? undefined : doomOf(world, pod)
  const fault = world.faults.get(pod.uid)
  const mayRun = !isEnding && !isOver && doom === undefined && fault === undefined && !isTaken(world, pod, all)
  const due = mayRun ? dueOf(world, pod, init, containers) : []
  const files = due.flatMap((one) => filesOf(world, pod, one))
  const isUsed = fault === undefined && (due.length > 0 || (!isEnding && all.some((one) => isUp(one))))
  const volumes = isUsed ? volumesToWrite(world, pod) : []
  // one that is doomed says so when nothing of it runs any more
  const end = doom !== undefined && !all.some((one) => isUp(one)) ? doom : undefined
  const status = statusOf(world, pod, { init, containers }, isEnding || end !== undefined, end)
  // what runs in a moment is reported then
  const isKnown = isOver || due.length > 0 || isReported(pod.reported.whole, status)
  const after: Operation[] = isKnown ? [] : [{ kind: 'report', pod, status }]
  if (isEnding && !all.some((one) => isUp(one))) after.push({ kind: 'delete-pod', pod })
  return {
    before: all.flatMap((one) => signalsOf(world, pod, one, doom)),
    files: [...volumes, ...(files.length === 0 ? [] : [...sliceFile(world, pod), ...files])],
    run: due.map(({ unit }) => unit),
    after,
  }
}

function isUp({ situation: { kind } }: Seen): boolean {
  return kind === 'running' || kind === 'starting'
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
    if (world.told.has(runKey(pod.uid, one.unit, world.units))) return false
    if (one.situation.kind === 'ended') return one.again && world.now >= startOf(one.situation)
    return one.situation.kind === 'absent' || one.situation.kind === 'prepared'
  })
}

/** When a container that has ended runs again, in milliseconds. */
function startOf({ end, metadata }: Situation & { kind: 'ended' }): number {
  return (end.finished ?? 0) + nextPause(metadata?.pause, end) * 1000
}

/** The files for a run: the environment is new for each. */
function filesOf(world: World, pod: Pod, { container, unit, situation }: Seen): Operation[] {
  const { units, preparations, host } = world
  const prepared = preparations.get(preparationKey(pod, container.name))
  if (prepared?.kind !== 'ready') return []
  const text = unitText(containerUnit(pod, container, prepared, runOf(situation), host))
  return [
    ...userToAdd(world, pod, container),
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

interface AllSeen {
  readonly init: readonly Seen[]
  readonly containers: readonly Seen[]
}

/** @param isEnding nothing of it runs again */
function statusOf(
  { preparations, healths, faults }: World,
  pod: Pod,
  { init, containers }: AllSeen,
  isEnding: boolean,
  doom: Doom | undefined,
): PodStatus {
  const isInitialized = init.every(({ situation }) => situation.kind === 'ended' && situation.end.exitCode === 0)
  const of = ({ container, isInit, situation, again }: Seen) => {
    const { name, image } = container
    const prepared = preparations.get(preparationKey(pod, name))
    return containerStatus({
      name,
      image,
      isInit,
      situation: isEnding ? atLast(situation) : situation,
      waiting: waitingOf(
        isInit || isInitialized,
        prepared?.kind === 'waiting' ? prepared : failed(faults.get(pod.uid)),
        again,
      ),
      runsAgain: again && !isEnding,
      health: healthOf(healths, container, situation),
    })
  }
  const status = podStatus(pod, init.map(of), containers.map(of), isEnding)
  return doom === undefined ? status : { ...status, phase: 'Failed', reason: doom.reason, message: doom.message }
}

/** Until somebody has asked, a container that has probes or a hook is not well. */
function healthOf(healths: World['healths'], { probes, hooks }: Container, situation: Situation) {
  if (situation.kind !== 'running' || Object.keys({ ...probes, ...hooks }).length === 0) return undefined
  return healths.get(situation.invocation) ?? { isStarted: false, isReady: false }
}

/** A run that has not begun when its Pod is deleted never will: the one before it was the last. */
function atLast(situation: Situation): Situation {
  if (situation.kind === 'absent') return { kind: 'ended', run: 0, end: LOST }
  if (situation.kind !== 'prepared') return situation
  const { run, after, last = LOST } = situation.metadata
  return { kind: 'ended', run: Math.max(run - 1, 0), end: last, ...(after === undefined ? {} : { invocation: after }) }
}

function failed(message: string | undefined): Waiting | undefined {
  return message === undefined ? undefined : { reason: 'CreateContainerError', message }
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
