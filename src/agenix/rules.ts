import type { Machine } from './machines-in-nix.ts'

/** One file of a secrets.nix and the keys that may read it. */
export interface AgenixRule {
  /** Relative to secrets.nix. */
  readonly file: string
  readonly keys: readonly string[]
  readonly armor: boolean
}

/** A place where a key has a name. */
export interface NamedKey {
  /** `systems.ocean` in the `let` of a secrets.nix, or the file `hosts/ocean/ssh_host_ed25519_key.pub`. */
  readonly place: 'let' | 'file'
  /** Without `.pub`. The last word is empty for a key in a list: `systems = [ … ]`. */
  readonly path: readonly string[]
  readonly key: string
}

export interface AgenixRepository {
  readonly rules: readonly AgenixRule[]
  /** Those in the `let` come first. */
  readonly names: readonly NamedKey[]
  /** The machines that the repository configures. */
  readonly machines: ReadonlyMap<string, Machine>
}

/** `systems.ocean`, `hosts/ocean/ssh_host_ed25519_key.pub`. */
export function placeOf({ place, path }: NamedKey): string {
  return place === 'file' ? `${path.join('/')}.pub` : path.filter((word) => word !== '').join('.')
}

/** A key without its comment, because it may have another comment in another place. */
export function keyWords(text: string): string {
  return text.trim().split(/\s+/, 2).join(' ')
}

/**
 * The recipients in one text of `publicKeys`. agenix makes a recipient of every line and drops blank ones. A .pub file
 * that is read as a whole ends with a line break and may have comments.
 */
export function recipientLines(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
