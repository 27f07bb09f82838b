import { ExitCode, KeelError, plainFault } from '../errors.ts'
import { inParallel } from '../fleet/in-parallel.ts'
import { hasOperation } from '../plan/operation.ts'
import type { HostPlan } from '../plan/plan.ts'
import type { Emit } from './event.ts'

/** The phases of hosts: what happens to each, and once in between. Each throws when it fails. */
export interface HostPhases<All, Host, Staged> {
  readonly stage: (host: Host) => Promise<Staged>
  readonly admit: (deployment: All) => Promise<void>
  /** One after the other, with what staging has found out. */
  readonly turn: readonly ((host: Host, staged: Staged) => Promise<void>)[]
}

interface Run<Host> {
  readonly hosts: readonly Host[]
  readonly emit: Emit
  /** How many hosts go at the same time: all of them while staging, those of one wave while switching. */
  readonly parallel: number
  readonly signal: AbortSignal
}

/**
 * Stages every host, then switches them wave after wave. A host that can't be staged stops the deploy before any is
 * switched. When one fails later, the hosts of its wave that are under way come to their end, and no other is switched.
 * @returns Done, or the exit code of the first failure
 */
export async function runHostPhases<Host extends { readonly plan: HostPlan }, All extends Run<Host>, Staged>(
  deployment: All,
  phases: HostPhases<All, Host, Staged>,
): Promise<ExitCode> {
  const { hosts, emit, parallel, signal } = deployment
  const staged = new Map<Host, { readonly result: Staged; readonly seconds: number }>()
  const reported = new Set<Host>()
  let failure: { readonly host: string; readonly exit: ExitCode } | undefined
  /**
   * Runs one step of a host unless something has failed; a fault is reported and remembered, anything else is a bug or
   * an interruption.
   */
  const step = async (one: Host, work: () => Promise<void>): Promise<void> => {
    if (failure !== undefined || signal.aborted) return
    const { host } = one.plan
    try {
      await work()
    } catch (error) {
      const fault = signal.aborted ? interrupted(one.plan) : error
      if (!(fault instanceof KeelError)) throw fault
      failure ??= { host, exit: fault.exit }
      reported.add(one)
      emit({ event: 'failed', host, fault: plainFault(fault) })
    }
  }
  const stage = (host: Host) =>
    step(host, async () => {
      const started = performance.now()
      const result = await phases.stage(host)
      staged.set(host, { result, seconds: secondsSince(started) })
    })
  const switchOver = (host: Host) =>
    step(host, async () => {
      const started = performance.now()
      const before = staged.get(host)
      if (before !== undefined) for (const phase of phases.turn) await phase(host, before.result)
      reported.add(host)
      const seconds = (before?.seconds ?? 0) + secondsSince(started)
      emit({ event: 'done', host: host.plan.host, changed: before !== undefined, seconds })
    })
  try {
    await inParallel(
      parallel,
      hosts.filter(({ plan }) => plan.operations.length > 0),
      stage,
    )
    const [first] = hosts
    if (first !== undefined) await step(first, () => phases.admit(deployment))
    for (const wave of Map.groupBy(hosts, ({ plan }) => plan.wave).values())
      await inParallel(parallel, wave, switchOver)
    signal.throwIfAborted()
    return failure?.exit ?? ExitCode.Done
  } finally {
    const because = failure === undefined || signal.aborted ? 'interrupted' : `${failure.host} failed`
    for (const host of hosts) if (!reported.has(host)) emit({ event: 'not-switched', host: host.plan.host, because })
  }
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000
}

function interrupted({ host, operations }: HostPlan): KeelError {
  const drain = hasOperation(operations, 'drain-node') ? ' --drain' : ''
  return new KeelError({
    code: 'interrupted',
    at: host,
    found: 'interrupted',
    why: 'the host finishes the steps that have begun, and each file is complete; keel did not check whether k3s is healthy',
    todo: `run \`keel deploy ${host}${drain}\`: it continues from here`,
    exit: ExitCode.Interrupted,
  })
}
