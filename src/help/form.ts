import type { ExitCode } from '../errors.ts'

/** A command line as a user types it, and in a few words what it does. */
export type Example = readonly [line: string, what: string]

/**
 * An exit code besides those that every verb has (`everyVerb`), with its general meaning (`exitMeanings`) or a meaning
 * of its own. `other`: the status of a program that took keel's place.
 */
export type Exit = ExitCode | readonly [code: ExitCode | 'other', means: string]

/** A command as its help shows it. */
export interface HelpedForm {
  /** With the verb and its arguments: `secret show <name>`. */
  readonly name: string
  readonly summary: string
  readonly options: readonly { readonly flags: string; readonly summary: string }[]
  readonly programAfterDashes?: true
  readonly examples: readonly [Example, Example]
  readonly exits: readonly Exit[]
}

/** The tasks by which `keel --help` groups the verbs, in its order. */
export const GROUPS = {
  start: 'Start a cluster',
  change: 'Change hosts',
  look: 'Look at a cluster',
  secrets: 'Secrets',
  hosts: 'Work on hosts',
  lab: 'Try keel',
  keel: 'keel itself',
} as const

/** A verb as `keel --help` lists it. */
export interface HelpedVerb {
  readonly name: string
  readonly summary: string
  readonly group: keyof typeof GROUPS
  /** The topic that tells more: a page of docs/, by its name. */
  readonly more?: string
}
