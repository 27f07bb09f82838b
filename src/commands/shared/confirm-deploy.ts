import type { Planned } from '../../deploy/plan-cluster.ts'
import { readFileDiffs } from '../../deploy/read-file-diffs.ts'
import { KeelError } from '../../errors.ts'
import { describePlan } from '../../plan/describe-plan.ts'
import { destructiveSteps } from '../../plan/destructive.ts'
import { isUp } from '../../plan/host/service-state.ts'
import { isEmpty } from '../../plan/plan.ts'
import type { Io } from './command.ts'

/**
 * On a terminal: shows what the deploy will do, and asks before something destructive. Without any terminal nobody
 * reads or answers, so the deploy goes on.
 * @throws KeelError `deploy-declined` (exit 1) if the answer is not yes, or somebody is there who can't answer
 */
export async function confirmDeploy(
  planned: Planned,
  { yes = false, diff = true }: { readonly yes?: boolean; readonly diff?: boolean },
  io: Io,
): Promise<void> {
  const { plan, hosts } = planned
  if (isEmpty(plan)) return
  const isShown = io.stderr.isTTY === true
  const steps = yes ? [] : destructiveSteps(plan, (name) => hosts.get(name)?.seen?.facts.services.some(isUp) === true)
  // with `keel deploy 2>&1 | tee` somebody reads, too
  const asks = steps.length > 0 && (isShown || io.stdin.isTTY === true)
  // the deploy tells the notes itself
  if (asks || (isShown && io.run.verbosity !== 'quiet')) {
    const diffs = diff ? await readFileDiffs(planned, io.signal) : new Map()
    io.show(describePlan({ ...plan, notes: [] }, { diffs }), 'stderr')
  }
  if (!asks) return
  // not in the question itself: some of these words come from the hosts
  io.show([['This deploy:'], ...steps.map((step) => [`  ${step}`])], 'stderr')
  const answer = await io.ask('Go on? (yes/no) [no]: ')
  if (answer === undefined) {
    throw new KeelError({
      code: 'deploy-declined',
      found: 'not deployed; nothing was changed',
      why: 'keel asks before such a deploy, and can only ask if both stdin and stderr are a terminal',
      todo: 'use --yes to deploy without a question',
    })
  }
  if (['y', 'yes'].includes(answer.trim().toLowerCase())) return
  throw new KeelError({ code: 'deploy-declined', found: 'not deployed; nothing was changed' })
}
