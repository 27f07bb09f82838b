import { serviceUnitsOf } from '../desired/distribution/access-of.ts'
import { ExitCode } from '../errors.ts'
import { sh } from '../templates/shell-quote.ts'
import { type Command, directory, type InDirectory } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import { runAttached } from './shared/run-attached.ts'
import { selectHost } from './shared/select-hosts.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput {
  readonly host: string
  readonly follow?: boolean
  readonly unit?: readonly string[]
  readonly lines?: string
  readonly since?: string
}

export const logs: Command<Input> = {
  name: 'logs <host>',
  summary: "show what a host's journal has of Kubernetes, or of another unit",
  options: [
    { flags: '-f, --follow', summary: 'continue with what comes, until Ctrl-C' },
    { flags: '-u, --unit <unit...>', summary: 'of this systemd unit (default: the one that runs Kubernetes)' },
    { flags: '-n, --lines <n>', summary: 'the last n lines (default: 200)' },
    { flags: '--since <time>', summary: "from this time on, as journalctl takes it: '10 min ago', today" },
    directory,
    ...connectOptions,
  ],
  examples: [
    ['keel logs maia -f', 'follow what runs Kubernetes on maia, until Ctrl-C'],
    ["keel logs maia --unit sshd --since '10 min ago'", 'another unit, from a time on'],
  ],
  exits: [
    [ExitCode.Unreachable, 'ssh could not connect'],
    ['other', 'the exit status of journalctl; 255 if the connection was lost later'],
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
    const status = await runAttached(
      selectHost(cluster, input.host),
      {
        script: sh`exec journalctl ${options}`,
        interactive: false,
        onLine: (line, from) => (from === 'stdout' ? io.print(line) : io.note(line)),
      },
      input,
      io,
    )
    return status ?? ExitCode.Unreachable
  },
}
