import { CommanderError, Option, Command as Program } from 'commander'
import { verbs } from './commands/index.ts'
import type { Command, Io } from './commands/shared/command.ts'
import type { Verb } from './commands/shared/verb.ts'
import { verbForm } from './commands/shared/verb-form.ts'
import { behindGlobal } from './completion/global-options.ts'
import { ExitCode, type KeelError } from './errors.ts'
import type { HelpSubject } from './help/screen.ts'
import { colorChoices, colorOption } from './ui/colors.ts'
import { asksForJson, faultsJson } from './ui/faults-json.ts'
import { visible } from './ui/visible.ts'
import { version } from './version.ts'

/** Runs a verb with what its command line holds. */
export type RunVerb = (
  spec: Command<never>,
  input: object,
  io: Io,
  /** The command line without the words of a program on a host. */
  words: readonly string[],
) => Promise<number | undefined>

/** Reads one command line (without node and script) and runs the verb in it. @throws what the verb throws */
export async function runCommandLine(argv: readonly string[], io: Io, run: RunVerb = runUnchecked): Promise<number> {
  let exit: number = ExitCode.Done
  if (argv[0] === 'complete' && argv[1] === '--') {
    const { printCandidates } = await import('./commands/shared/print-candidates.ts')
    await printCandidates(argv.slice(2), verbs, io)
    return exit
  }
  const help = new HelpRequest()
  const program = help
    .answers(bare(new Program('keel'), io), { kind: 'keel', verbs })
    .helpCommand(false)
    .version(version, '-V, --version')
    .option('-C, --directory <dir>')
    .addOption(new Option(colorOption.flags).choices(colorChoices))
    .option('-v, --verbose', '', (_, before: number) => before + 1, 0)
    .addOption(new Option('-q, --quiet').conflicts('verbose'))
    .option('--log <file>')
  const names = verbs.map(({ name }) => name)
  const stranger = nameOfNone(argv, names)
  if (stranger !== undefined) throw await noSuchVerb(stranger, names)
  let own = argv
  for (const verb of mounted(argv)) {
    if (namesVerb(argv, verb)) {
      const commands = await verb.load()
      const [before, after] = commands.some(({ programAfterDashes }) => programAfterDashes)
        ? atDashes(own)
        : [own, undefined]
      const subs = commands.flatMap(({ name }) => verbForm(name).sub ?? [])
      const noSub = nameOfNoSubVerb(before, verb, subs)
      if (noSub !== undefined) throw await noSuchVerb(noSub, subs, verb.name)
      own = before
      io.run.streams = asksForJson(before) && commands.some(({ events }) => events)
      mount({ program, verb, commands, help }, async (spec, input) => {
        exit =
          (await run(
            spec,
            after === undefined ? input : { ...input, program: after },
            io,
            ownWords(own, spec, verb),
          )) ?? ExitCode.Done
      })
    } else {
      program.command(verb.name)
    }
  }
  try {
    await program.parseAsync([...own], { from: 'user' })
  } catch (error) {
    // commander has already printed its version or one-line error
    if (!(error instanceof CommanderError)) throw error
    if (help.subject !== undefined) await printHelp(help.subject, error.exitCode === 0 ? 'stdout' : 'stderr', io)
    if (error.exitCode === 0) {
      io.run.streams = false
      return ExitCode.Done
    }
    const found = error.message.replace(/^error: /, '')
    if (asksForJson(argv)) io.print(faultsJson([{ code: 'usage', found }], ExitCode.Usage))
    return ExitCode.Usage
  }
  return exit
}

/** What commander was asked to help with. It wants the text at once, and the text is only loaded when it is needed. */
class HelpRequest {
  subject?: HelpSubject

  answers(program: Program, subject: HelpSubject): Program {
    return program.configureHelp({
      formatHelp: () => {
        this.subject = subject
        return ''
      },
    })
  }
}

async function printHelp(subject: HelpSubject, to: 'stdout' | 'stderr', io: Io): Promise<void> {
  const { helpScreen } = await import('./help/screen.ts')
  const { helpWidth } = await import('./help/wrap.ts')
  io.show(helpScreen(subject, helpWidth(io)), to)
}

/** Behind a verb’s name only its own arguments are read. */
function mounted(argv: readonly string[]): readonly Verb[] {
  const called = verbs.filter(({ name }) => name === argv[0])
  return called.length > 0 ? called : verbs
}

/** Loads only the imports of the verb that is called. */
function namesVerb(argv: readonly string[], verb: Verb): boolean {
  return argv.includes(verb.name)
}

interface Mounted {
  readonly program: Program
  readonly verb: Verb
  readonly commands: readonly Command<never>[]
  readonly help: HelpRequest
}

function mount(
  { program, verb, commands, help }: Mounted,
  run: (spec: Command<never>, input: object) => Promise<void>,
): void {
  const only = commands.every(({ name }) => verbForm(name).sub === undefined)
  const parent = only ? program : help.answers(program.command(verb.name), { kind: 'verb', verb, forms: commands })
  for (const spec of commands) {
    const signature = only ? spec.name : spec.name.slice(verb.name.length + 1)
    const command = help.answers(parent.command(signature), { kind: 'form', verb, form: spec })
    for (const { flags } of spec.options) addOption(command, flags)
    if (spec.passesOptions) {
      program.enablePositionalOptions()
      command.passThroughOptions().allowUnknownOption()
    }
    command.action(async () => {
      await run(spec, { ...program.opts(), ...command.opts(), ...positionals(command) })
    })
  }
}

/** The first word, if it names something, but none of these. commander would show the general help, and end with 0. */
function nameOfNone(words: readonly string[], known: readonly string[]): string | undefined {
  const [first] = behindGlobal(words)
  return first === undefined || first.startsWith('-') || known.includes(first) ? undefined : first
}

function nameOfNoSubVerb(argv: readonly string[], verb: Verb, subs: readonly string[]): string | undefined {
  const [first, ...rest] = behindGlobal(argv)
  // a host may have the name of a verb: `keel -C mercury plan lab`
  if (first !== verb.name || subs.length === 0) return undefined
  // `help` is commander's own: `keel secret help show`
  return nameOfNone(rest, [...subs, 'help'])
}

async function noSuchVerb(word: string, known: readonly string[], verb?: string): Promise<KeelError> {
  const { unknownVerb } = await import('./commands/shared/unknown-verb.ts')
  return unknownVerb(word, known, verb)
}

/** The words that are keel's own, for the log. Those of a program on a host may be anything. */
function ownWords(argv: readonly string[], spec: Command<never>, verb: Verb): readonly string[] {
  if (spec.programAfterDashes) return [...argv, '--', '…']
  if (spec.passesOptions || PROGRAM.test(spec.name)) {
    const { sub = verb.name } = verbForm(spec.name)
    return [...argv.slice(0, argv.indexOf(sub, argv.indexOf(verb.name)) + 1), '…']
  }
  const [before, after] = atDashes(argv)
  return after === undefined ? before : [...before, '--', '…']
}

/** A program is the last argument: `ssh <host> [program...]`. */
const PROGRAM = /[[<](?:command|program)\.\.\.[\]>]$/

/** What is before the first `--`, and what is after it. */
function atDashes(argv: readonly string[]): readonly [readonly string[], readonly string[] | undefined] {
  const at = argv.indexOf('--')
  return at === -1 ? [argv, undefined] : [argv.slice(0, at), argv.slice(at + 1)]
}

/**
 * `<file...>` may be repeated, each time with one value: commander's own variadic options would swallow the arguments
 * that follow them.
 */
function addOption(command: Program, flags: string): void {
  if (!flags.includes('...')) command.option(flags)
  else command.option(flags.replace('...', ''), '', (value: string, before?: string[]) => [...(before ?? []), value])
}

/**
 * commander's parse is the one place where a command's input is not yet typed: its options and arguments declare what
 * it holds.
 */
async function runUnchecked(
  spec: Command<never>,
  input: object,
  io: Io,
  words: readonly string[],
): Promise<number | undefined> {
  const { startRun } = await import('./commands/shared/start-run.ts')
  await startRun(input, words, io)
  return spec.run(input as never, io)
}

function positionals(command: Program): Record<string, unknown> {
  const camel = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(
    command.registeredArguments.map((argument, index) => [camel(argument.name()), command.processedArgs[index]]),
  )
}

/** Its commands inherit this. */
function bare(program: Program, io: Io): Program {
  return program
    .exitOverride()
    .showHelpAfterError('(keel --help lists the verbs, keel VERB --help its options)')
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(visible(text)),
      // commander's words, in the form of keel's own faults
      outputError: (text, write) =>
        write(text.replace(/^error: /, 'keel: ').replace(/\n\(Did you mean (.*)\?\)/, '\n  do:  did you mean $1?')),
    })
}
