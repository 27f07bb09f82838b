import { ExitCode } from '../errors.ts'
import { type Command, directory, type InDirectory } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { runAttached } from './shared/run-attached.ts'
import { scriptOf } from './shared/script-of.ts'
import { selectHost } from './shared/select-hosts.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput {
  readonly host: string
  readonly program: readonly string[]
}

export const ssh: Command<Input> = {
  name: 'ssh <host> [program...]',
  summary: 'open a shell on a host, or run a program there as root, on this terminal',
  options: [directory, ...connectOptions],
  examples: [
    ['keel ssh maia', 'open a shell of the user in its address'],
    ['keel ssh maia -- journalctl -b', 'run a program as root'],
  ],
  exits: [
    [ExitCode.Unreachable, 'ssh could not connect'],
    ['other', 'the exit status of the program; 255 if the connection was lost later'],
  ],
  passesOptions: true,
  async run(input, io) {
    const { cluster } = await openWorkspace(input, io, 'look')
    const host = selectHost(cluster, input.host)
    // commander leaves a `--` behind the host where it is
    const program = input.program[0] === '--' ? input.program.slice(1) : input.program
    const run = program.length === 0 ? {} : { script: { name: 'ssh', text: scriptOf(program) } }
    const status = await runAttached(host, run, input, io)
    return status ?? ExitCode.Unreachable
  },
}
