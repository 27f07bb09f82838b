import { ExitCode, FaultsError, plainFault } from '../errors.ts'
import { deploymentOf, type RunOptions } from './deployment.ts'
import { conclusions, hostPhases, preparations } from './phases.ts'
import type { Planned } from './plan-cluster.ts'
import { runHostPhases } from './run-phases.ts'

/**
 * Executes a plan over the connections it was made on: the phases, in their order.
 * @throws FaultsError for a plan that is refused, or for hosts that do not answer; KeelError for an artifact or a
 * secret that can't be had
 */
export async function runPlan(planned: Planned, options: RunOptions): Promise<ExitCode> {
  const { unreachable } = planned
  refuseUnreachable(planned, options)
  try {
    const exit = await deployReached(planned, options)
    return exit === ExitCode.Done && unreachable.length > 0 ? ExitCode.Unreachable : exit
  } finally {
    for (const fault of unreachable) options.emit({ event: 'behind', host: fault.at ?? '', fault: plainFault(fault) })
  }
}

/** Before anything is written anywhere. @throws FaultsError with every host that can't be reached (exit 6) */
function refuseUnreachable({ unreachable, goOn, hosts }: Planned, { skipUnreachable = false }: RunOptions): void {
  const [first] = unreachable
  if (first === undefined) return
  if (!skipUnreachable || hosts.size === 0) throw new FaultsError(unreachable, first.exit)
  if (goOn.length > 0) throw new FaultsError([...unreachable, ...goOn], first.exit)
}

async function deployReached(planned: Planned, options: RunOptions): Promise<ExitCode> {
  const { refusals } = planned.plan
  if (refusals.length > 0) throw new FaultsError(refusals, ExitCode.Failed)
  await options.onAccepted?.()
  const deployment = deploymentOf(planned, options)
  for (const prepare of preparations) await prepare(deployment)
  const exit = await runHostPhases(deployment, hostPhases)
  if (exit !== ExitCode.Done) return exit
  for (const conclude of conclusions) await conclude(deployment)
  return exit
}
