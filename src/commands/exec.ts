import { ExitCode, KeelError } from '../errors.ts'
import { runOnEach } from '../fleet/run-on-each.ts'
import type { Host } from '../model/cluster.ts'
import type { RunResult } from '../ssh/transport.ts'
import { printedText } from '../ui/visible.ts'
import { type Command, directory, type InDirectory, type Io } from './shared/command.ts'
import { complainOf } from './shared/complain-of.ts'
import { type ConnectInput, connectOptions, connector } from './shared/connector.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import { scriptOf } from './shared/script-of.ts'
import {
  type HostsInput,
  hostOptions,
  selectHosts,
  skipUnreachable,
  type UnreachableInput,
} from './shared/select-hosts.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput, HostsInput, UnreachableInput {
  readonly program?: readonly string[]
  readonly parallel?: string
  readonly timeout?: string
}

export const exec: Command<Input> = {
  name: 'exec [host...]',
  summary: "run a program on hosts at once, as root: `keel exec maia -- uptime`, `keel exec -- 'df -h | tail -n 1'`",
  options: [
    ...hostOptions,
    skipUnreachable('if a host does not answer, run on the others (exit 6); keel exec always does this'),
    { flags: '--parallel <n>', summary: 'hosts at once (default: 20)' },
    {
      flags: '--timeout <seconds>',
      summary: 'stop the program on a host if it prints nothing for this many seconds (default: 600)',
    },
    directory,
    ...connectOptions,
  ],
  examples: [
    ['keel exec -- uptime', 'run a program on every host'],
    ["keel exec ocean maia -- 'df -h / | tail -n 1'", 'one word is a line for bash'],
  ],
  exits: [
    [ExitCode.Done, 'the program ended with 0 on every host'],
    [ExitCode.Failed, 'the program ended with another status on a host'],
    ExitCode.Unreachable,
  ],
  programAfterDashes: true,
  async run(input, io) {
    const { program = [] } = input
    if (program.length === 0) throw noProgram()
    const { cluster } = await openWorkspace(input, io, 'look')
    const hosts = selectHosts(cluster, input)
    const [parallel, seconds] = [
      positiveInteger('--parallel', input.parallel, 20),
      positiveInteger('--timeout', input.timeout, 600),
    ]
    const results = await runOnEach(hosts, scriptOf(program), {
      connect: await connector(input, cluster, io),
      parallel,
      run: { name: 'exec', timeoutMs: seconds * 1000, totalMs: 24 * 3600_000, signal: io.signal },
      onEnd: printer(io, hosts.length > 1),
    })
    return exitOf(results)
  },
}

/** Prints what a host said, and at its end how it failed. @param shown with its name before each line */
function printer(io: Io, shown: boolean): (host: Host, result: RunResult | KeelError) => void {
  return ({ name }, result) => {
    const before = shown ? `${name}: ` : ''
    if (result instanceof KeelError) {
      complainOf(result, io)
      return
    }
    // each at once: a host may print a million lines, and nothing else runs while one after the other is written
    if (result.stdout !== '') io.print(named(before, result.stdout))
    if (result.stderr !== '') io.stderr.write(printedText(named(before, result.stderr)))
    if (result.exitCode !== 0) io.complain(`${name}: ended with ${result.exitCode}`)
  }
}

/** A text without its last newline, and a name before each line. */
function named(name: string, text: string): string {
  return `${name}${text.replace(/\n$/, '').replaceAll('\n', `\n${name}`)}`
}

function exitOf(results: readonly (RunResult | KeelError)[]): ExitCode {
  const fault = results.find((result) => result instanceof KeelError)
  if (fault !== undefined) return fault.exit
  return results.some((result) => 'exitCode' in result && result.exitCode !== 0) ? ExitCode.Failed : ExitCode.Done
}

function noProgram(): KeelError {
  return new KeelError({
    code: 'usage',
    found: 'no program to run',
    todo: 'write it behind `--`: `keel exec HOST -- uptime`',
    exit: ExitCode.Usage,
  })
}
