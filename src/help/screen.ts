import type { ExitCode } from '../errors.ts'
import { type StyledText, styled } from '../model/text/styled-text.ts'
import { everyVerb, exitMeanings } from './exit-meanings.ts'
import { type Exit, GROUPS, type HelpedForm, type HelpedVerb } from './form.ts'
import { topicCommand } from './topic-command.ts'
import { indented, twoColumns, wrap, wrapCommand } from './wrap.ts'

/** What help is asked about: keel, a verb that has verbs of its own, or a command. */
export type HelpSubject =
  | { readonly kind: 'keel'; readonly verbs: readonly HelpedVerb[] }
  | { readonly kind: 'verb'; readonly verb: HelpedVerb; readonly forms: readonly HelpedForm[] }
  | { readonly kind: 'form'; readonly verb: HelpedVerb; readonly form: HelpedForm }

const everyVerbHas = 'Every verb has --color always|never|auto, -v (scripts), -q (quiet), --log FILE.'

/** The text of `--help`, in lines of at most `width` columns. */
export function helpScreen(subject: HelpSubject, width: number): StyledText {
  const lines =
    subject.kind === 'keel'
      ? ofKeel(subject.verbs, width)
      : subject.kind === 'verb'
        ? ofVerb(subject.verb, subject.forms, width)
        : ofForm(subject.verb, subject.form, width)
  return lines.map((line) => [isHeading(line) ? styled('heading', line) : line])
}

function isHeading(line: string): boolean {
  return /^(Options|Verbs|Examples|Exit codes):$/.test(line) || Object.values<string>(GROUPS).includes(line)
}

/** Without a blank line between its groups, so that it fits on one screen. */
function ofKeel(verbs: readonly HelpedVerb[], width: number): readonly string[] {
  const column = Math.max(...verbs.map(({ name }) => name.length))
  const groups = Object.entries(GROUPS).flatMap(([group, heading]) => {
    const rows = verbs
      .filter((verb) => verb.group === group)
      .map(({ name, summary }) => [name.padEnd(column), summary] as const)
    return rows.length === 0 ? [] : [heading, ...twoColumns(rows, width)]
  })
  return [
    ...wrap('Usage: keel [-C <dir>] VERB [argument...]', width),
    ...wrap(
      'keel installs and maintains Kubernetes (k3s or kubeadm) on your own servers over SSH, from a typed inventory in git.',
      width,
    ),
    '',
    ...groups,
    '',
    ...wrap('keel works on the inventory here, or in the nearest folder above; -C names another.', width),
    ...wrap(everyVerbHas, width),
    ...wrap(
      'Next: `keel VERB --help` has the options and examples of a verb, `keel help topics` lists the manual.',
      width,
    ),
  ]
}

function ofVerb(verb: HelpedVerb, forms: readonly HelpedForm[], width: number): readonly string[] {
  const [first, second] = forms
  const examples = second === undefined ? first?.examples : first && [first.examples[0], second.examples[0]]
  return [
    ...wrap(`Usage: keel ${verb.name} VERB [options] [argument...]`, width),
    '',
    ...wrap(verb.summary, width),
    '',
    'Verbs:',
    ...twoColumns(
      forms.map(({ name, summary }) => [name.slice(verb.name.length + 1), summary]),
      width,
    ),
    ...examplesIn(examples ?? [], width),
    ...exitCodes(sharedExits(forms), width),
    '',
    ...wrap(`\`keel ${verb.name} VERB --help\` has the options of each.`, width),
    ...moreOn(verb, width).slice(1),
  ]
}

function ofForm(verb: HelpedVerb, form: HelpedForm, width: number): readonly string[] {
  const { name, summary, options, programAfterDashes, examples, exits } = form
  const words = name.split(' ')
  const parameters = words.findIndex((word) => /^[<[]/.test(word))
  const before = parameters === -1 ? words : words.slice(0, parameters)
  const usage = [
    ...before,
    '[options]',
    ...words.slice(before.length),
    ...(programAfterDashes ? ['--', '<program...>'] : []),
  ]
  return [
    ...wrap(`Usage: keel ${usage.join(' ')}`, width),
    '',
    ...wrap(summary, width),
    '',
    'Options:',
    ...twoColumns([...options.map(optionRow), ['-h, --help', 'show this help']], width),
    ...examplesIn(examples, width),
    ...exitCodes(exits, width),
    '',
    ...wrap(everyVerbHas, width),
    ...moreOn(verb, width).slice(1),
  ]
}

function moreOn({ more }: HelpedVerb, width: number): readonly string[] {
  return more === undefined ? [] : ['', ...wrap(`More: \`${topicCommand(more)}\``, width)]
}

/** A repeated option takes one value each time, so its flags do not show the dots. */
function optionRow({ flags, summary }: HelpedForm['options'][number]): readonly [string, string] {
  return flags.includes('...') ? [flags.replace('...', ''), `${summary}; may be repeated`] : [flags, summary]
}

function examplesIn(examples: readonly (readonly [string, string])[], width: number): readonly string[] {
  return [
    '',
    'Examples:',
    ...examples.flatMap(([line, what]) => [
      ...indented(2, wrapCommand(line, width - 2)),
      ...indented(6, wrap(what, width - 6)),
    ]),
  ]
}

function exitCodes(exits: readonly Exit[], width: number): readonly string[] {
  const own = new Map(exits.map((exit) => (typeof exit === 'number' ? [exit, exitMeanings[exit].short] : exit)))
  const rows = new Map<ExitCode | 'other', string>([
    ...everyVerb.map((code) => [code, exitMeanings[code].short] as const),
    ...own,
  ])
  const ordered = [...rows].toSorted(([one], [other]) => order(one) - order(other))
  return [
    '',
    'Exit codes:',
    ...twoColumns(
      ordered.map(([code, means]) => [`${code}`, means]),
      width,
    ),
  ]
}

function order(code: ExitCode | 'other'): number {
  return code === 'other' ? Number.POSITIVE_INFINITY : code
}

/** The codes of all forms; with a meaning of their own only where that is the meaning for every form that has the code. */
function sharedExits(forms: readonly HelpedForm[]): readonly Exit[] {
  const all = forms.flatMap(({ exits }) => exits)
  const codeOf = (exit: Exit) => (typeof exit === 'number' ? exit : exit[0])
  return [...new Set(all.map(codeOf))].flatMap((code) => {
    const same = all.filter((exit) => codeOf(exit) === code)
    const texts = new Set(same.map((exit) => (typeof exit === 'number' ? '' : exit[1])))
    const [one] = same
    const having = everyVerb.some((every) => every === code) ? forms.length : same.length
    if (one !== undefined && texts.size === 1 && same.length === having) return [one]
    return code === 'other' ? [] : [code]
  })
}
