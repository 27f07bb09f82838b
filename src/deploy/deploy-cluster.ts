import { ExitCode, KeelError } from '../errors.ts'
import { inParallel } from '../fleet/in-parallel.ts'
import type { HostPlan, Plan } from '../plan/plan.ts'
import type { Emit } from './event.ts'

export interface ClusterDeployment<Staged> {
  readonly plan: Plan
  /** Brings everything onto a host and switches nothing; throws when it fails. */
  readonly stageHost: (plan: HostPlan) => Promise<Staged>
  /** What has to be done elsewhere before the first host is switched. */
  readonly beforeSwitch?: () => Promise<void>
  /** Switches a host to what was staged and waits until it is healthy; throws when it fails. */
  readonly switchHost: (plan: HostPlan, staged: Staged) => Promise<void>
  readonly emit: Emit
  /** How many hosts go at the same time: all of them while staging, those of one wave while switching. */
  readonly parallel: number
  readonly signal: AbortSignal
}

/**
 * Stages every host, then switches them wave after wave. A host that can't be staged stops the deploy before any is switched. When one fails later,
 * the hosts of its wave that are under way come to their end, and no other is switched.
 * @returns Done, or the exit code of the first failure
 */
export async function deployCluster<Staged>(deployment: ClusterDeployment<Staged>): Promise<ExitCode> {
  const { plan, stageHost, beforeSwitch, switchHost, emit, parallel, signal } = deployment
  const staged = new Map<HostPlan, { readonly result: Staged; readonly seconds: number }>()
  const reported = new Set<HostPlan>()
  let failure: { readonly host: string; readonly exit: ExitCode } | undefined
  /** Runs one step of a host unless something has failed; a fault is reported and remembered, anything else is a bug or an interruption. */
  const step = async (host: HostPlan, work: () => Promise<void>): Promise<void> => {
    if (failure !== undefined || signal.aborted) return
    try {
      await work()
    } catch (error) {
      const fault = signal.aborted ? interrupted(host.host) : error
      if (!(fault instanceof KeelError)) throw fault
      failure ??= { host: host.host, exit: fault.exit }
      reported.add(host)
      emit({ event: 'failed', host: host.host, fault })
    }
  }
  const stage = (host: HostPlan) =>
    step(host, async () => {
      const started = performance.now()
      const result = await stageHost(host)
      staged.set(host, { result, seconds: secondsSince(started) })
    })
  const switchOver = (host: HostPlan) =>
    step(host, async () => {
      const started = performance.now()
      const before = staged.get(host)
      if (before !== undefined) await switchHost(host, before.result)
      reported.add(host)
      emit({
        event: 'done',
        host: host.host,
        changed: before !== undefined,
        seconds: (before?.seconds ?? 0) + secondsSince(started),
      })
    })
  try {
    await inParallel(
      parallel,
      plan.hosts.filter(({ operations }) => operations.length > 0),
      stage,
    )
    const [first] = plan.hosts
    if (beforeSwitch !== undefined && first !== undefined) await step(first, beforeSwitch)
    for (const wave of Map.groupBy(plan.hosts, (host) => host.wave).values()) await inParallel(parallel, wave, switchOver)
    signal.throwIfAborted()
    return failure?.exit ?? ExitCode.Done
  } finally {
    const because = failure === undefined || signal.aborted ? 'interrupted' : `${failure.host} failed`
    for (const host of plan.hosts) if (!reported.has(host)) emit({ event: 'not-switched', host: host.host, because })
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

function interrupted(host: string): KeelError {
  return new KeelError({
    code: 'interrupted',
    at: host,
    found: 'interrupted',
    why: 'what had begun on it comes to its end there, file by file whole; nobody sees whether k3s is healthy',
    todo: `run \`keel deploy ${host}\`: it carries on from here`,
    exit: ExitCode.Interrupted,
  })
}
