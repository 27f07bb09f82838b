import type { Planned } from '../../deploy/plan-cluster.ts'
import { readFileDiffs } from '../../deploy/read-file-diffs.ts'
import { KeelError } from '../../errors.ts'
import { describePlan } from '../../plan/describe-plan.ts'
import { destructiveSteps } from '../../plan/destructive.ts'
import { nodeRuns } from '../../plan/host/service-state.ts'
import { isEmpty } from '../../plan/plan.ts'
import type { Io } from './command.ts'

/**
 * On a terminal: shows what the deploy will do, and asks before something destructive. Elsewhere nobody reads or
 * answers, so the deploy goes on.
 * @throws KeelError `deploy-declined` (exit 1) if the answer is not yes
 */
export async function confirmDeploy(
  planned: Planned,
  { yes = false, diff = true }: { readonly yes?: boolean; readonly diff?: boolean },
  io: Io,
): Promise<void> {
  const { plan, hosts } = planned
  if (io.stderr.isTTY !== true || isEmpty(plan)) return
  const runs = (name: string) => {
    const seen = hosts.get(name)?.seen
    return seen !== undefined && nodeRuns(seen.facts)
  }
  const steps = destructiveSteps(plan, runs)
  const asks = !yes && steps.length > 0
  // the deploy tells the notes itself
  if (asks || io.run.verbosity !== 'quiet') {
    const diffs = diff ? await readFileDiffs(planned, io.signal) : new Map()
    io.show(describePlan({ ...plan, notes: [] }, { diffs }), 'stderr')
  }
  if (!asks) return
  const answer = await io.ask(`This deploy ${steps.join('; ')}. Go on? (yes/no) [no]: `)
  if (answer === undefined || ['y', 'yes'].includes(answer.trim().toLowerCase())) return
  throw new KeelError({ code: 'deploy-declined', found: 'not deployed; nothing was changed' })
}
