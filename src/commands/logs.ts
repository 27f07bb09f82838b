import { serviceUnitsOf } from '../desired/distribution/access-of.ts'
import { ExitCode } from '../errors.ts'
import { sh } from '../templates/shell-quote.ts'
import { type Command, directory, type InDirectory } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import { printLine, printLinesOf } from './shared/print-lines-of.ts'
import { runAttached } from './shared/run-attached.ts'
import {
  type HostsInput,
  hostOptions,
  selectHosts,
  skipUnreachable,
  type UnreachableInput,
} from './shared/select-hosts.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput, HostsInput, UnreachableInput {
  readonly follow?: boolean
  readonly unit?: readonly string[]
  readonly lines?: string
  readonly since?: string
}

export const logs: Command<Input> = {
  name: 'logs [host...]',
  summary: 'show what the journals of hosts have of Kubernetes, or of another unit',
  options: [
    ...hostOptions,
    skipUnreachable('if a host does not answer, show the others (exit 6); keel logs always does this'),
    { flags: '-f, --follow', summary: 'continue with what comes, until Ctrl-C' },
    { flags: '-u, --unit <unit...>', summary: 'of this systemd unit (default: the one that runs Kubernetes)' },
    { flags: '-n, --lines <n>', summary: 'the last n lines (default: 200)' },
    { flags: '--since <time>', summary: "from this time on, as journalctl takes it: '10 min ago', today" },
    directory,
    ...connectOptions,
  ],
  examples: [
    ['keel logs maia -f', 'follow what runs Kubernetes on maia, until Ctrl-C'],
    ["keel logs --role agent --unit sshd --since '10 min ago'", 'another unit of several hosts, from a time on'],
  ],
  exits: [
    [ExitCode.Failed, 'several hosts: journalctl failed on one'],
    [ExitCode.Unreachable, 'ssh could not connect'],
    ['other', 'one host: the exit status of journalctl; 255 if the connection was lost later'],
  ],
  async run(input, io) {
    const { cluster } = await openWorkspace(input, io, 'look')
    const lines = positiveInteger('--lines', input.lines, 200)
    const options = [
      '--no-pager',
      '--output=short-iso',
      ...(input.unit ?? serviceUnitsOf(cluster)).map((unit) => `--unit=${unit}`),
      ...(input.since !== undefined && input.lines === undefined ? [] : [`--lines=${lines}`]),
      ...(input.since === undefined ? [] : [`--since=${input.since}`]),
      ...(input.follow ? ['--follow'] : []),
    ]
    const script = { name: 'logs', text: sh`exec journalctl ${options}` }
    const [first, ...more] = selectHosts(cluster, input)
    if (first === undefined) return ExitCode.Done
    if (more.length > 0) return printLinesOf([first, ...more], { script, endless: input.follow ?? false }, input, io)
    const onLine = (line: string, from: 'stdout' | 'stderr') => printLine(io, line, from)
    return (await runAttached(first, { script, interactive: false, onLine }, input, io)) ?? ExitCode.Unreachable
  },
}
