import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A secrets.nix and what is to be made of it. */
export interface Form {
  readonly name: string
  readonly text: string
  /** Keys by file, with `!` behind an armored one. */
  readonly says?: Record<string, string[]>
  /** The line, and what stands in the message. */
  readonly refuses?: Record<string, string>
  /** Nix refuses it; absent: it takes it, or it says something that keel's reader does not know. */
  readonly nix?: 'refuses'
}

export const agenixForms: readonly Form[] = parse(readFileSync(new URL('../cases/agenix/forms.yaml', import.meta.url), 'utf8'))

export function saidBy(rules: readonly { readonly file: string; readonly keys: readonly string[]; readonly armor: boolean }[]) {
  return Object.fromEntries(rules.map(({ file, keys, armor }) => [armor ? `${file}!` : file, keys]))
}
