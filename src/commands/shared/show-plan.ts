import { hasClosures, withClosures } from '../../deploy/nixos/closure-changes.ts'
import { readFileDiffs } from '../../deploy/read-file-diffs.ts'
import { describeFault, ExitCode } from '../../errors.ts'
import { staleFiles } from '../../generated/generated-state.ts'
import { plainText } from '../../model/text/styled-text.ts'
import { describeHosts, describePlan } from '../../plan/describe-plan.ts'
import { isEmpty, type Plan } from '../../plan/plan.ts'
import { timed } from '../../ui/run/lines.ts'
import type { InDirectory, Io, OptionSpec } from './command.ts'
import { complainOf } from './complain-of.ts'
import type { ConnectInput } from './connector.ts'
import { type DrainInput, planSelected, rebuildFor } from './deploy-selected.ts'
import { choiceWords, type HostsInput, selectHosts, type UnreachableInput } from './select-hosts.ts'
import { hostFilesOf, openWorkspace } from './workspace.ts'

export interface ShowPlanInput extends InDirectory, ConnectInput, HostsInput, UnreachableInput, DrainInput {
  readonly json?: boolean
  readonly exitCode?: boolean
  readonly closure: boolean
  readonly diff?: boolean
}

export const closure: OptionSpec = {
  flags: '--no-closure',
  summary: 'do not build systems of NixOS hosts to show their closure changes',
}

export const diff: readonly OptionSpec[] = [
  { flags: '--diff', summary: 'show what differs inside files, without secrets (default: on a terminal)' },
  { flags: '--no-diff', summary: 'do not show what differs inside files' },
]

export const drain: OptionSpec = {
  flags: '--drain',
  summary: "drain Nodes whose hosts get or lose kubelet: 'systemd', and change these hosts",
}

/** The same wish, as a word of another command line. */
export function drainWord({ drain: wanted }: DrainInput): readonly string[] {
  return wanted === true ? ['--drain'] : []
}

/** Asks the hosts and prints the plan: `keel plan`, and `keel deploy --dry-run`. Changes nothing. */
export async function showPlan(input: ShowPlanInput, io: Io): Promise<ExitCode> {
  const workspace = await openWorkspace(input, io, 'look')
  const selected = selectHosts(workspace.cluster, input)
  for (const fault of staleFiles(await hostFilesOf(workspace.store, selected, io)))
    io.note(`warning: ${describeFault(fault)}`)
  const partly = new Set<string>()
  const onPartial = (partial: Plan) => {
    for (const text of describeHosts(partial)) {
      io.show(text)
      partly.add(plainText(text))
    }
  }
  await using planned = await planSelected(workspace, selected, input, io, input.json ? undefined : onPartial)
  const { refusals } = planned.plan
  const forbidding = input.skipUnreachable ? [...refusals, ...planned.goOn] : refusals
  const shown =
    // does not build what is refused, because a build downloads
    input.closure && forbidding.length === 0 && hasClosures(planned)
      ? await withClosures(planned, await rebuildFor(workspace, input, io), io.note)
      : { ...planned.plan, refusals: forbidding }
  const isDiffShown = input.json !== true && (input.diff ?? io.stdout.isTTY === true)
  const text = describePlan(shown, {
    deploy: ['keel deploy', ...choiceWords(input), ...drainWord(input)].join(' '),
    shown: partly,
    ...(isDiffShown ? { diffs: await readFileDiffs(planned, io.signal) } : {}),
  })
  if (input.json) io.print(timed(shown))
  else if (text.length > 0) io.show(text)
  for (const fault of planned.unreachable) complainOf(fault, io)
  const [unreachable] = planned.unreachable
  if (unreachable !== undefined) return unreachable.exit
  if (forbidding.length > 0) return ExitCode.Failed
  return input.exitCode && !isEmpty(planned.plan) ? ExitCode.ChangesPending : ExitCode.Done
}
