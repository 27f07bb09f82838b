import { containerId } from '../pod/reported-status.ts'
import type { Health } from '../probes/run-health.ts'
import type { End } from '../units/end.ts'
import type { Situation } from './situation.ts'

/** Why a container does not run yet: Kubernetes' own words, and a sentence. */
export interface Waiting {
  readonly reason: string
  readonly message?: string
}

/** A container of `status.containerStatuses` (Kubernetes, ContainerStatus): a value for JSON. */
export interface ContainerStatus {
  readonly name: string
  readonly image: string
  readonly imageID: string
  readonly ready: boolean
  readonly started: boolean
  readonly restartCount: number
  readonly containerID?: string
  readonly state: { readonly waiting: Waiting } | { readonly running: Running } | { readonly terminated: Terminated }
  readonly lastState: { readonly terminated?: Terminated }
}

interface Running {
  readonly startedAt: string
}

interface Terminated {
  readonly exitCode: number
  readonly reason: string
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly containerID?: string
}

interface Asked {
  readonly name: string
  readonly image: string
  readonly isInit: boolean
  readonly situation: Situation
  /** Why it does not run, if it has no run now. */
  readonly waiting: Waiting
  /** It has ended and runs again: then its end is in the past. */
  readonly runsAgain: boolean
  /** By its probes, while it runs; absent: nobody asks it. */
  readonly health?: Pick<Health, 'isStarted' | 'isReady'> | undefined
}

/** What Kubernetes gets to know of a container. */
export function containerStatus({
  name,
  image,
  isInit,
  situation,
  waiting,
  runsAgain,
  health,
}: Asked): ContainerStatus {
  const base = { name, image, imageID: '', ready: false, started: false, lastState: {} }
  switch (situation.kind) {
    case 'absent':
      return { ...base, restartCount: 0, state: { waiting } }
    case 'prepared':
    case 'starting': {
      const { run, last, after } = situation.metadata
      return { ...base, restartCount: run, state: { waiting }, lastState: ofLast(last, after), ...idOf(after) }
    }
    case 'running': {
      const { run, last, after } = situation.metadata
      const startedAt = timeOf(situation.started ?? 0)
      return {
        ...base,
        // an init container is ready when it has ended well
        ready: !isInit && (health?.isReady ?? true),
        started: health?.isStarted ?? true,
        restartCount: run,
        state: { running: { startedAt } },
        lastState: ofLast(last, after),
        ...idOf(situation.invocation),
      }
    }
    case 'ended': {
      const { run, invocation, end, metadata } = situation
      const id = { restartCount: run, ...idOf(invocation) }
      if (runsAgain) return { ...base, ...id, state: { waiting }, lastState: ofLast(end, invocation) }
      return {
        ...base,
        ...id,
        ready: isInit && end.exitCode === 0,
        state: { terminated: terminated(end, invocation) },
        lastState: ofLast(metadata?.last, metadata?.after),
      }
    }
  }
}

/** The API server takes no container that has ended without a time that is one: an unknown one stays away. */
function terminated({ exitCode, reason, started, finished }: End, invocation: string | undefined): Terminated {
  return {
    exitCode,
    reason,
    ...(started === undefined ? {} : { startedAt: timeOf(started) }),
    ...(finished === undefined ? {} : { finishedAt: timeOf(finished) }),
    ...idOf(invocation),
  }
}

function ofLast(last: End | undefined, invocation: string | undefined): { readonly terminated?: Terminated } {
  return last === undefined ? {} : { terminated: terminated(last, invocation) }
}

function idOf(invocation: string | undefined): { readonly containerID?: string } {
  return invocation === undefined ? {} : { containerID: containerId(invocation) }
}

/** Kubernetes' Time: whole seconds, in UTC. */
export function timeOf(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
