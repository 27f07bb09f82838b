import { hasClosures, withClosures } from '../deploy/nixos/closure-changes.ts'
import { describeFault, ExitCode } from '../errors.ts'
import { staleFiles } from '../generated/generated-state.ts'
import { plainText } from '../model/text/styled-text.ts'
import { describeHosts, describePlan } from '../plan/describe-plan.ts'
import { isEmpty, type Plan } from '../plan/plan.ts'
import { type Command, directory, type InDirectory, json } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { planSelected, rebuildFor } from './shared/deploy-selected.ts'
import {
  choiceWords,
  type HostsInput,
  hostOptions,
  selectHosts,
  skipUnreachable,
  type UnreachableInput,
} from './shared/select-hosts.ts'
import { hostFilesOf, openWorkspace } from './shared/workspace.ts'

interface PlanInput extends InDirectory, ConnectInput, HostsInput, UnreachableInput {
  readonly json?: boolean
  readonly exitCode?: boolean
  readonly closure: boolean
}

export const plan: Command<PlanInput> = {
  name: 'plan [host...]',
  summary: 'show what deploy would do',
  options: [
    ...hostOptions,
    skipUnreachable('show what deploy would do with this option, and what forbids it (exit 6)'),
    directory,
    json,
    { flags: '--exit-code', summary: 'exit with 3 if something would change' },
    {
      flags: '--no-closure',
      summary: 'do not build systems of NixOS hosts to show their closure changes',
    },
    ...connectOptions,
  ],
  examples: [
    ['keel plan', 'what a deploy would change, on every host'],
    ['keel plan maia --exit-code', 'in a script: exit 3 if maia differs from the inventory'],
  ],
  exits: [
    [ExitCode.Done, 'no fault found; with --exit-code: and nothing to change'],
    [ExitCode.Failed, 'failed, or something forbids a deploy'],
    [ExitCode.ChangesPending, 'with --exit-code: something would change'],
    ExitCode.Unreachable,
  ],
  async run(input, io) {
    const workspace = await openWorkspace(input, io, 'look')
    const selected = selectHosts(workspace.cluster, input)
    for (const fault of staleFiles(await hostFilesOf(workspace.store, selected)))
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
    const text = describePlan(shown, { deploy: ['keel deploy', ...choiceWords(input)].join(' '), shown: partly })
    if (input.json) io.print(shown)
    else if (text.length > 0) io.show(text)
    for (const fault of planned.unreachable) io.note(describeFault(fault))
    const [unreachable] = planned.unreachable
    if (unreachable !== undefined) return unreachable.exit
    if (forbidding.length > 0) return ExitCode.Failed
    return input.exitCode && !isEmpty(planned.plan) ? ExitCode.ChangesPending : ExitCode.Done
  },
}
