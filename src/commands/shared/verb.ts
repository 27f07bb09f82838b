import type { HelpedVerb } from '../../help/form.ts'
import type { Command } from './command.ts'

/** A verb as the help shows it; its module, and what that imports, is loaded only when it is called. */
export interface Verb extends HelpedVerb {
  readonly load: () => Promise<readonly Command<never>[]>
}
