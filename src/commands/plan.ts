import { ExitCode } from '../errors.ts'
import { type Command, directory, json } from './shared/command.ts'
import { connectOptions } from './shared/connector.ts'
import { hostOptions, skipUnreachable } from './shared/select-hosts.ts'
import { closure, diff, drain, type ShowPlanInput, showPlan } from './shared/show-plan.ts'

export const plan: Command<ShowPlanInput> = {
  name: 'plan [host...]',
  summary: 'show what deploy would do',
  options: [
    ...hostOptions,
    skipUnreachable('show what deploy would do with this option, and what forbids it (exit 6)'),
    directory,
    drain,
    json,
    { flags: '--exit-code', summary: 'exit with 3 if something would change' },
    ...diff,
    closure,
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
  run: showPlan,
}
