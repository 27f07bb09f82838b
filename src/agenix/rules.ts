/** One file of a secrets.nix and the keys that may read it. */
export interface AgenixRule {
  /** Relative to secrets.nix. */
  readonly file: string
  readonly keys: readonly string[]
  readonly armor: boolean
}

/** A place where a key has a name: `systems.ocean` in the `let` of a secrets.nix, or `hosts/ocean/ssh_host_ed25519_key.pub`. */
export interface NamedKey {
  /** The last word is empty for a key in a list: `systems = [ … ]`. */
  readonly path: readonly string[]
  readonly key: string
}

export interface AgenixRepository {
  readonly rules: readonly AgenixRule[]
  readonly names: readonly NamedKey[]
}

/**
 * The recipients in one text of `publicKeys`. agenix makes a recipient of every line and drops blank ones; a .pub file that is read whole ends with a
 * line break and may have comments.
 */
export function recipientLines(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}
