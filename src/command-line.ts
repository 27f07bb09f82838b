import { CommanderError, Command as Program } from 'commander'
import { type Verb, verbs } from './commands/index.ts'
import type { Command, Io } from './commands/shared/command.ts'
import { verbForm } from './commands/shared/verb-form.ts'
import { ExitCode } from './errors.ts'
import { asksForJson, faultsJson } from './ui/faults-json.ts'
import { visible } from './ui/visible.ts'
import { version } from './version.ts'

/** Runs a verb with what its command line holds. */
export type RunVerb = (spec: Command<never>, input: object, io: Io) => Promise<number | undefined>

/** Reads one command line (without node and script) and runs the verb in it. @throws what the verb throws */
export async function runCommandLine(argv: readonly string[], io: Io, run: RunVerb = runUnchecked): Promise<number> {
  let exit: number = ExitCode.Done
  if (argv[0] === 'complete' && argv[1] === '--') {
    const { printCandidates } = await import('./commands/shared/print-candidates.ts')
    await printCandidates(argv.slice(2), verbs, io)
    return exit
  }
  const program = bare(new Program('keel'), io)
    .description('Install and maintain k3s clusters on your own servers over SSH, from a typed inventory in git.')
    .version(version, '-V, --version')
    .option('-C, --directory <dir>', 'the inventory to work on (default: here, or the nearest folder above)')
  let own = namesNoVerb(argv) ? argv.filter((word) => !['-h', '--help'].includes(word)) : argv
  for (const verb of mounted(argv)) {
    if (namesVerb(argv, verb)) {
      const commands = await verb.load()
      const [before, after] = commands.some(({ programAfterDashes }) => programAfterDashes)
        ? atDashes(argv)
        : [argv, undefined]
      own = before
      mount(program, verb, commands, io, async (spec, input) => {
        exit = (await run(spec, after === undefined ? input : { ...input, program: after }, io)) ?? ExitCode.Done
      })
    } else {
      program.command(verb.name).description(verb.summary)
    }
  }
  try {
    await program.parseAsync([...own], { from: 'user' })
  } catch (error) {
    // commander has already printed its help, version or one-line error
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return ExitCode.Done
    const found = error.message.replace(/^error: /, '')
    if (asksForJson(argv)) io.print(faultsJson([{ code: 'usage', found }], ExitCode.Usage))
    return ExitCode.Usage
  }
  return exit
}

/**
 * Behind a verb’s name only its own arguments are read: the other verbs are there for the help, and for a word that
 * names none.
 */
function mounted(argv: readonly string[]): readonly Verb[] {
  const called = verbs.filter(({ name }) => name === argv[0])
  return called.length > 0 ? called : verbs
}

/** Loads only the imports of the verb that is called. */
function namesVerb(argv: readonly string[], verb: Verb): boolean {
  return argv.includes(verb.name)
}

function mount(
  program: Program,
  verb: Verb,
  commands: readonly Command<never>[],
  io: Io,
  run: (spec: Command<never>, input: object) => Promise<void>,
): void {
  const only = commands.every(({ name }) => verbForm(name).sub === undefined)
  const parent = only ? program : bare(program.command(verb.name), io).description(verb.summary)
  for (const spec of commands) {
    const signature = only ? spec.name : spec.name.slice(verb.name.length + 1)
    const command = bare(parent.command(signature), io).description(spec.summary)
    for (const { flags, summary } of spec.options) addOption(command, flags, summary)
    if (spec.passesOptions) {
      program.enablePositionalOptions()
      command.passThroughOptions().allowUnknownOption()
    }
    command.action(async () => {
      await run(spec, { ...program.opts(), ...command.opts(), ...positionals(command) })
    })
  }
}

/** commander would show the general help for it, and end with 0. */
function namesNoVerb([first, ...others]: readonly string[]): boolean {
  if (first === '-C' || first === '--directory') return namesNoVerb(others.slice(1))
  return first !== undefined && !first.startsWith('-') && first !== 'help' && !verbs.some(({ name }) => name === first)
}

/** What is before the first `--`, and what is after it. */
function atDashes(argv: readonly string[]): readonly [readonly string[], readonly string[] | undefined] {
  const at = argv.indexOf('--')
  return at === -1 ? [argv, undefined] : [argv.slice(0, at), argv.slice(at + 1)]
}

/**
 * `<file...>` may be repeated, each time with one value: commander's own variadic options would swallow the arguments
 * that follow them.
 */
function addOption(command: Program, flags: string, summary: string): void {
  if (!flags.includes('...')) command.option(flags, summary)
  else
    command.option(flags.replace('...', ''), `${summary}; may be repeated`, (value: string, before?: string[]) => [
      ...(before ?? []),
      value,
    ])
}

/**
 * commander's parse is the one place where a command's input is not yet typed: its options and arguments declare what
 * it holds.
 */
function runUnchecked(spec: Command<never>, input: object, io: Io): Promise<number | undefined> {
  return spec.run(input as never, io)
}

function positionals(command: Program): Record<string, unknown> {
  const camel = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(
    command.registeredArguments.map((argument, index) => [camel(argument.name()), command.processedArgs[index]]),
  )
}

function bare(program: Program, io: Io): Program {
  return program
    .exitOverride()
    .showHelpAfterError('(keel --help lists the verbs, keel VERB --help its options)')
    .configureOutput({ writeOut: (text) => io.stdout.write(text), writeErr: (text) => io.stderr.write(visible(text)) })
}
