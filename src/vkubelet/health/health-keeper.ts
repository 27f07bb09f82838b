import type { Pod } from '../pod/pod.ts'
import type { Probe, ProbeKind } from '../pod/probe.ts'
import {
  afterPostStart,
  afterProbe,
  dueProbes,
  firstHealth,
  type Health,
  healthOf,
  nextProbe,
  type RunHealth,
} from '../probes/run-health.ts'
import { act, type Running } from './act.ts'

/** A run of a container now. */
export interface SeenRun extends Running {
  readonly pod: Pod
  readonly invocation: string
  /** Milliseconds. */
  readonly started: number
}

interface Kept {
  run: SeenRun
  health: RunHealth
  readonly asking: Set<ProbeKind>
  /** Ends all that is asked of it. */
  readonly ending: AbortController
}

/** Seconds that a hook may take: its container's time to end is shorter. */
const LONGEST_HOOK = 86_400
/** Milliseconds between two looks: the shortest period of a probe is a second, and a timer of node is bounded. */
const SHORTEST = 50
const LONGEST = 60_000

interface Wanted {
  /** Something is to be decided again. */
  readonly changed: () => void
  /** A run has to end, and why: in words without what the program has said. */
  readonly failed: (run: SeenRun, why: string) => void
  /** A probe has failed, also where that has no consequence yet. */
  readonly unhealthy: (run: SeenRun, kind: ProbeKind, why: string) => void
}

/**
 * Asks the containers that run for their health, each in its own time, and begins their hooks. It knows nothing that
 * another start of the program would not find out again.
 */
export class HealthKeeper {
  readonly #kept = new Map<string, Kept>()
  readonly #wanted: Wanted
  #timer: NodeJS.Timeout | undefined

  constructor(wanted: Wanted) {
    this.#wanted = wanted
  }

  /** Of all runs that anybody asks, by invocation. */
  get healths(): ReadonlyMap<string, Health> {
    return new Map([...this.#kept].map(([invocation, { health }]) => [invocation, healthOf(health)]))
  }

  /** These run now, and no others. */
  see(runs: readonly SeenRun[], now = Date.now()): void {
    const asked = runs.filter(({ container: { probes, hooks } }) => Object.keys({ ...probes, ...hooks }).length > 0)
    const invocations = new Set(asked.map(({ invocation }) => invocation))
    for (const [invocation, { ending }] of this.#kept) {
      if (invocations.has(invocation)) continue
      ending.abort()
      this.#kept.delete(invocation)
    }
    for (const run of asked) {
      const known = this.#kept.get(run.invocation)
      if (known !== undefined) known.run = run
      else this.#kept.set(run.invocation, newRun(run))
    }
    this.#ask(now)
  }

  /** Begins the hook of a run that is to end. */
  preStop(invocation: string): void {
    const kept = this.#kept.get(invocation)
    const hook = kept?.run.container.hooks.preStop
    if (kept === undefined || hook === undefined || kept.health.preStop !== undefined) return
    kept.health = { ...kept.health, preStop: 'runs' }
    // whatever it says, the container ends
    void act(hook, kept.run, LONGEST_HOOK, kept.ending.signal).then(() => {
      kept.health = { ...kept.health, preStop: 'done' }
      this.#wanted.changed()
    })
  }

  /** Ends all that is asked. */
  stop(): void {
    clearTimeout(this.#timer)
    for (const { ending } of this.#kept.values()) ending.abort()
    this.#kept.clear()
  }

  #ask(now: number): void {
    for (const kept of this.#kept.values()) {
      if (kept.run.pod.deletion !== undefined) continue
      if (kept.health.postStart === 'due') this.#postStart(kept, now)
      for (const kind of dueProbes(kept.health, now)) {
        const probe = kept.run.container.probes[kind]
        if (probe !== undefined && !kept.asking.has(kind)) void this.#probe(kept, kind, probe)
      }
    }
    this.#wait(now)
  }

  /** Until the next probe is due. */
  #wait(now: number): void {
    clearTimeout(this.#timer)
    const idle = [...this.#kept.values()].filter(({ asking }) => asking.size === 0)
    const next = Math.min(...idle.map(({ health }) => nextProbe(health)))
    if (!Number.isFinite(next)) return
    this.#timer = setTimeout(() => this.#ask(Date.now()), Math.min(Math.max(next - now, SHORTEST), LONGEST))
    this.#timer.unref()
  }

  #postStart(kept: Kept, now: number): void {
    const hook = kept.run.container.hooks.postStart
    kept.health = afterPostStart(kept.health, now)
    if (hook === undefined) return
    void act(hook, kept.run, LONGEST_HOOK, kept.ending.signal).then((outcome) => {
      this.#becomes(kept, afterPostStart(kept.health, Date.now(), outcome))
    })
  }

  async #probe(kept: Kept, kind: ProbeKind, probe: Probe): Promise<void> {
    kept.asking.add(kind)
    const outcome = await act(probe.action, kept.run, probe.timeout, kept.ending.signal)
    kept.asking.delete(kind)
    if (kept.ending.signal.aborted) return
    if (!outcome.isGood) this.#wanted.unhealthy(kept.run, kind, outcome.why)
    this.#becomes(kept, afterProbe(kept.health, kind, probe, outcome, Date.now()))
    this.#wait(Date.now())
  }

  #becomes(kept: Kept, health: RunHealth): void {
    const before = healthOf(kept.health)
    const now = healthOf(health)
    kept.health = health
    if (now.failed !== undefined && before.failed === undefined) this.#wanted.failed(kept.run, now.failed.why)
    if (JSON.stringify(now) !== JSON.stringify(before)) this.#wanted.changed()
  }
}

function newRun(run: SeenRun): Kept {
  const reported = run.pod.reported.containers.get(run.container.name)
  const isSame = reported?.invocation === run.invocation
  const health = firstHealth(run.container, run.started, isSame ? reported : undefined)
  return { run, health, asking: new Set(), ending: new AbortController() }
}
