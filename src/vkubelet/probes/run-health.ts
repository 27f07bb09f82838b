import type { Hooks, Probe, ProbeKind, Probes } from '../pod/probe.ts'

/** What of a container is asked for its health. */
interface Asked {
  readonly probes: Probes
  readonly hooks: Hooks
}

/** How one run of a container is: what the reconciler decides by. */
export interface Health {
  readonly isStarted: boolean
  readonly isReady: boolean
  /** It has to end, and since when: milliseconds. */
  readonly failed?: { readonly why: string; readonly since: number; readonly grace?: number }
  /** Of its hook; absent: not begun. */
  readonly preStop?: 'runs' | 'done'
}

/** All that is known of one run. A value: each outcome makes another one. */
export interface RunHealth {
  /** `due` until it has begun; without a hook it is done. */
  readonly postStart: 'due' | 'runs' | 'done'
  readonly preStop?: 'runs' | 'done'
  readonly probes: Readonly<Partial<Record<ProbeKind, ProbeState>>>
  readonly failed?: NonNullable<Health['failed']>
}

interface ProbeState {
  readonly isGood: boolean
  readonly successes: number
  readonly failures: number
  /** When it is asked again, in milliseconds. */
  readonly next: number
}

export interface Outcome {
  readonly isGood: boolean
  /** In words for an Event, without what the program has said. */
  readonly why: string
}

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness']

/**
 * The health of a run that has just been seen (kubelet, pkg/kubelet/prober/worker.go): well until its liveness says
 * otherwise, and not ready until its readiness says so.
 * @param started when it began, in milliseconds
 * @param reported of the same run by this Node, before this program began: so what was ready stays so
 */
export function firstHealth(
  { probes, hooks }: Asked,
  started: number,
  reported?: { readonly isStarted: boolean; readonly isReady: boolean },
): RunHealth {
  const first = (kind: ProbeKind, { delay }: Probe): ProbeState => {
    const wasGood = kind === 'startup' ? reported?.isStarted : reported?.isReady
    return { isGood: kind === 'liveness' || wasGood === true, successes: 0, failures: 0, next: started + delay * 1000 }
  }
  const states = KINDS.flatMap((kind) => {
    const probe = probes[kind]
    return probe === undefined ? [] : [[kind, first(kind, probe)] as const]
  })
  const isDone = hooks.postStart === undefined || reported?.isStarted === true
  return { postStart: isDone ? 'done' : 'due', probes: Object.fromEntries(states) }
}

/** The probes whose turn it is. Nothing is asked before the hook is done, and nothing else before it has started. */
export function dueProbes(run: RunHealth, now: number): readonly ProbeKind[] {
  if (run.postStart !== 'done' || run.failed !== undefined) return []
  const { startup } = run.probes
  if (startup !== undefined && !startup.isGood) return startup.next <= now ? ['startup'] : []
  return (['liveness', 'readiness'] as const).filter(
    (kind) => (run.probes[kind]?.next ?? Number.POSITIVE_INFINITY) <= now,
  )
}

/** When something is to be asked next, in milliseconds. */
export function nextProbe(run: RunHealth): number {
  const open = run.probes.startup?.isGood === false ? (['startup'] as const) : (['liveness', 'readiness'] as const)
  if (run.postStart !== 'done' || run.failed !== undefined) return Number.POSITIVE_INFINITY
  return Math.min(...open.map((kind) => run.probes[kind]?.next ?? Number.POSITIVE_INFINITY))
}

/** After an answer. So many of one kind in a row change the result; until then it stays. */
export function afterProbe(run: RunHealth, kind: ProbeKind, probe: Probe, outcome: Outcome, now: number): RunHealth {
  const before = run.probes[kind]
  if (before === undefined) return run
  const successes = outcome.isGood ? before.successes + 1 : 0
  const failures = outcome.isGood ? 0 : before.failures + 1
  const isGood = outcome.isGood
    ? before.isGood || successes >= probe.successes
    : before.isGood && failures < probe.failures
  const next = now + probe.period * 1000
  const probes = { ...run.probes, [kind]: { isGood, successes, failures, next } }
  if (kind === 'readiness' || failures < probe.failures) return { ...run, probes }
  const why = `its ${kind} probe failed ${failures} times: ${outcome.why}`
  return failedRun({ ...run, probes }, why, now, probe.grace)
}

/** @param outcome absent: it begins */
export function afterPostStart(run: RunHealth, now: number, outcome?: Outcome): RunHealth {
  if (outcome === undefined) return { ...run, postStart: 'runs' }
  if (!outcome.isGood) return failedRun({ ...run, postStart: 'done' }, `its postStart hook failed: ${outcome.why}`, now)
  return { ...run, postStart: 'done' }
}

function failedRun(run: RunHealth, why: string, since: number, grace?: number): RunHealth {
  return { ...run, failed: run.failed ?? { why, since, ...(grace === undefined ? {} : { grace }) } }
}

/** In words of Kubernetes: `started` is that of the startup probe. */
export function healthOf({ postStart, preStop, probes, failed }: RunHealth): Health {
  const isStarted = postStart === 'done' && probes.startup?.isGood !== false
  return {
    isStarted,
    isReady: isStarted && probes.readiness?.isGood !== false && failed === undefined,
    ...(failed === undefined ? {} : { failed }),
    ...(preStop === undefined ? {} : { preStop }),
  }
}
