import { behindGlobal } from './global-options.ts'

/** What can be written next, as a shell shows it. */
export interface Candidate {
  readonly word: string
  readonly about?: string
}

/** A verb, with its forms: `secret` has `secret show <name>` and others. */
export interface CompletedVerb {
  readonly name: string
  readonly summary: string
  readonly forms: () => Promise<readonly CompletedForm[]>
}

interface CompletedForm {
  /** Of a verb of a verb: `show`. */
  readonly sub?: string
  /** As commander has them: `[host...]`. */
  readonly parameters: readonly string[]
  readonly summary: string
  readonly options: readonly { readonly flags: string; readonly summary: string }[]
}

/** What stands for an argument or for an option's value: `<host>`. Undefined: what the shell completes itself, a file. */
export type ValuesOf = (verb: string, placeholder: string) => Promise<readonly string[] | undefined>

/**
 * The candidates for the last of `words`; empty where the shell is to complete a file.
 * @param words of the command line after `keel`; the last one is what has been typed of a word, perhaps nothing
 */
export async function complete(
  words: readonly string[],
  verbs: readonly CompletedVerb[],
  valuesOf: ValuesOf,
): Promise<readonly Candidate[]> {
  const typed = words.at(-1) ?? ''
  const before = behindGlobal(words.slice(0, -1))
  const found = await candidates(before, typed, verbs, valuesOf)
  return found.filter(({ word }) => word.startsWith(typed))
}

async function candidates(
  before: readonly string[],
  typed: string,
  verbs: readonly CompletedVerb[],
  valuesOf: ValuesOf,
): Promise<readonly Candidate[]> {
  const [first, ...others] = before
  const verb = verbs.find(({ name }) => name === first)
  if (verb === undefined)
    return first === undefined ? verbs.map(({ name, summary }) => ({ word: name, about: summary })) : []
  // what follows belongs to another program
  if (others.includes('--')) return []
  const forms = await verb.forms()
  const form = forms.find(({ sub }) => sub === undefined)
  if (form !== undefined) return ofForm(verb.name, form, others, typed, valuesOf)
  const [second, ...rest] = others
  if (second === undefined) return forms.map(({ sub = '', summary }) => ({ word: sub, about: summary }))
  const chosen = forms.find(({ sub }) => sub === second)
  return chosen === undefined ? [] : ofForm(verb.name, chosen, rest, typed, valuesOf)
}

async function ofForm(
  verb: string,
  { parameters, options }: CompletedForm,
  before: readonly string[],
  typed: string,
  valuesOf: ValuesOf,
): Promise<readonly Candidate[]> {
  const last = options.find(({ flags }) => flagsOf(flags).includes(before.at(-1) ?? ''))
  const value = last === undefined ? undefined : placeholderOf(last.flags)
  if (value !== undefined) return ofValues(await valuesOf(verb, value))
  if (typed.startsWith('-'))
    return options.flatMap(({ flags, summary }) => flagsOf(flags).map((word) => ({ word, about: summary })))
  const given = argumentsIn(before, options)
  const placeholder = parameters[given.length] ?? parameters.findLast((one) => one.includes('...'))
  if (placeholder === undefined) return []
  const values = await valuesOf(verb, placeholder.replace(/[<>[\].]/g, ''))
  return ofValues(values?.filter((one) => !given.includes(one)))
}

/** The words that are neither options nor their values. */
function argumentsIn(words: readonly string[], options: CompletedForm['options']): readonly string[] {
  const takesValue = (word: string | undefined) =>
    options.some(({ flags }) => placeholderOf(flags) !== undefined && flagsOf(flags).includes(word ?? ''))
  return words.filter((word, index) => !word.startsWith('-') && !takesValue(words[index - 1]))
}

function ofValues(values: readonly string[] | undefined): readonly Candidate[] {
  return (values ?? []).map((word) => ({ word }))
}

function flagsOf(flags: string): readonly string[] {
  return flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))
}

function placeholderOf(flags: string): string | undefined {
  return /[<[]([a-z-]+)/.exec(flags)?.[1]
}
