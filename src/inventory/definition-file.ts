import type { DefinitionKind } from '../model/definition.ts'

/** A file that defines a part of the inventory. */
export interface DefinitionFile {
  readonly kind: DefinitionKind
  readonly form: Form
  /** Relative to the inventory, with forward slashes: `hosts/maia/host.ts`. */
  readonly file: string
  /** How messages call it: `hosts/maia`, `hosts/cluster`; of the secrets the file itself. */
  readonly subject: string
}

/** Each file is written in one of them; an inventory may mix them. */
export type Form = 'ts' | 'yaml'

/** What an inventory imports from 'keel' to define a part of it. */
export const CALLS: Readonly<Record<DefinitionKind, string>> = {
  cluster: 'defineCluster',
  host: 'defineHost',
  secrets: 'defineSecrets',
}
