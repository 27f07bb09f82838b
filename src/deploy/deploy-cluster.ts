import { ExitCode, KeelError } from '../errors.ts'
import type { HostPlan, Plan } from '../plan/plan.ts'
import type { Emit } from './event.ts'
import { inParallel } from './in-parallel.ts'

export interface ClusterDeployment {
  readonly plan: Plan
  /** Deploys one host of the plan; throws when it fails. */
  readonly deployHost: (plan: HostPlan) => Promise<void>
  readonly emit: Emit
  /** How many hosts of one wave go at the same time. */
  readonly parallel: number
  readonly signal: AbortSignal
}

/**
 * Wave after wave. When a host fails, the hosts of its wave that are under way come to their end, and no other is touched.
 * @returns Done, or the exit code of the first failure
 */
export async function deployCluster({ plan, deployHost, emit, parallel, signal }: ClusterDeployment): Promise<ExitCode> {
  let failure: { readonly host: string; readonly exit: ExitCode } | undefined
  const deployOne = async (host: HostPlan): Promise<void> => {
    if (failure !== undefined || signal.aborted) {
      emit({
        event: 'untouched',
        host: host.host,
        because: failure === undefined ? 'interrupted' : `${failure.host} failed`,
      })
      return
    }
    const start = performance.now()
    try {
      if (host.operations.length > 0) await deployHost(host)
      emit({ event: 'done', host: host.host, changed: host.operations.length > 0, seconds: (performance.now() - start) / 1000 })
    } catch (error) {
      const fault = signal.aborted ? interrupted(host.host) : error
      if (!(fault instanceof KeelError)) throw fault
      failure ??= { host: host.host, exit: fault.exit }
      emit({ event: 'failed', host: host.host, fault })
    }
  }
  for (const wave of Map.groupBy(plan.hosts, (host) => host.wave).values()) await inParallel(parallel, wave, deployOne)
  signal.throwIfAborted()
  return failure?.exit ?? ExitCode.Done
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
