import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

/** A secrets.nix and its rules: keys by file, with a `!` after an armored one. */
export type Form = { readonly name: string; readonly text: string } & (
  | { readonly says: Record<string, string[]> }
  | { readonly refuses: true }
)

export const agenixForms: readonly Form[] = parse(
  readFileSync(new URL('../../cases/agenix/forms.yaml', import.meta.url), 'utf8'),
)

export function saidBy(
  rules: readonly { readonly file: string; readonly keys: readonly string[]; readonly armor: boolean }[],
) {
  return Object.fromEntries(rules.map(({ file, keys, armor }) => [armor ? `${file}!` : file, keys]))
}
