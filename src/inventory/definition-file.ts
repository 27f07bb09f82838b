import type { DefinitionKind } from '../model/definition.ts'

/** A file that defines a part of the inventory. */
export interface DefinitionFile {
  readonly kind: DefinitionKind
  readonly form: Form
  /** Relative to the inventory, with forward slashes: `hosts/maia/host.ts`. */
  readonly file: string
  /** The name in messages: `hosts/maia`, `hosts/cluster`; for the secrets the name of the file. */
  readonly subject: string
}

/** The two forms. Each file has one of them, and an inventory may mix them. */
export type Form = 'ts' | 'yaml'

/** What an inventory imports from 'keel' to define a part of it. */
export const CALLS: Readonly<Record<DefinitionKind, string>> = {
  cluster: 'defineCluster',
  host: 'defineHost',
  secrets: 'defineSecrets',
}
