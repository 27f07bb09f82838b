import { ExitCode, KeelError } from '../errors.ts'
import { type Command, directory, json } from './shared/command.ts'
import { connectOptions } from './shared/connector.ts'
import { deploySelected } from './shared/deploy-selected.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import { choiceWords, hostOptions, selectHosts, skipUnreachable } from './shared/select-hosts.ts'
import { closure, diff, drain, drainWord, type ShowPlanInput, showPlan } from './shared/show-plan.ts'
import { openWorkspace } from './shared/workspace.ts'

interface DeployInput extends ShowPlanInput {
  readonly yes?: boolean
  readonly dryRun?: boolean
  readonly parallel?: string
  readonly patience?: string
}

export const deploy: Command<DeployInput> = {
  name: 'deploy [host...]',
  summary: 'change hosts to match the inventory (all of them, or the ones you name)',
  options: [
    ...hostOptions,
    skipUnreachable(
      'if a host does not answer, deploy the others: agents, and servers while a majority of them runs (exit 6)',
    ),
    directory,
    json,
    { flags: '--parallel <n>', summary: 'deploy this many agents at the same time (default: 10)' },
    {
      flags: '--patience <seconds>',
      summary: 'how long to wait for one host to be healthy, or for one change through the API (default: 180)',
    },
    drain,
    { flags: '-y, --yes', summary: 'do not ask before something destructive' },
    { flags: '--dry-run', summary: 'only show the plan, as keel plan does' },
    { flags: '--exit-code', summary: 'with --dry-run: exit with 3 if something would change' },
    ...diff,
    closure,
    ...connectOptions,
  ],
  examples: [
    ['keel deploy', 'every host, the first server before the others'],
    ['keel deploy maia --patience 600', 'only maia, and wait up to 10 minutes until it is healthy'],
  ],
  exits: [
    [ExitCode.ChangesPending, 'with --dry-run --exit-code: something would change'],
    ExitCode.RolledBack,
    ExitCode.Locked,
    [ExitCode.Unreachable, 'a host could not be reached; with --skip-unreachable: keel deployed the others'],
  ],
  events: true,
  async run(input, io): Promise<ExitCode> {
    if (input.exitCode && !input.dryRun) {
      throw new KeelError({
        code: 'usage',
        at: '--exit-code',
        found: 'no --dry-run beside it',
        why: 'a deploy makes the changes, so none is pending after it',
        todo: 'run `keel plan --exit-code`, or add --dry-run',
        exit: ExitCode.Usage,
      })
    }
    // then its JSON is a plan
    if (input.dryRun) io.run.streams = false
    const limits = {
      parallel: positiveInteger('--parallel', input.parallel, 10),
      patience: positiveInteger('--patience', input.patience, 180),
      skipUnreachable: input.skipUnreachable ?? false,
      again: ['keel deploy', ...choiceWords(input), ...drainWord(input)].join(' '),
    }
    if (input.dryRun) return showPlan(input, io)
    const workspace = await openWorkspace(input, io)
    return deploySelected(workspace, selectHosts(workspace.cluster, input), input, limits, io)
  },
}
