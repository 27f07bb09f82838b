import { evaluateNix, listOf, type ReadImport, setOf } from './nix-evaluate.ts'
import { type Lazy, NixSet } from './nix-value.ts'
import { Unreadable } from './unreadable.ts'

/** One file of a secrets.nix and the keys that may read it, as they stand there. */
export interface AgenixRule {
  /** Relative to secrets.nix. */
  readonly file: string
  readonly keys: readonly string[]
  readonly armor: boolean
}

/** A key that a `let` names: `systems.ocean`. */
export interface NamedKey {
  readonly path: readonly string[]
  readonly key: string
}

export interface AgenixRepository {
  readonly rules: readonly AgenixRule[]
  readonly names: readonly NamedKey[]
}

/** What a secrets.nix says, by keel's own reader. @throws Unreadable for what it can't read exactly */
export function readAgenixRules(text: string, read: ReadImport): AgenixRepository {
  const { value, named } = evaluateNix(text, read)
  const rules = [...setOf(value, 1).values].map(([file, rule]) => ruleOf(file, rule))
  return { rules: rules.toSorted((a, b) => (a.file < b.file ? -1 : 1)), names: namesIn(named, []) }
}

function ruleOf(file: string, lazy: Lazy): AgenixRule {
  const { values } = setOf(lazy.value, 1)
  const keys = listOf(values.get('publicKeys')?.value ?? null, 1).map(({ value }) => {
    if (typeof value !== 'string') throw new Unreadable(1, `a public key of ${file} that is no string`)
    return value
  })
  const armor = values.get('armor')?.value ?? false
  if (typeof armor !== 'boolean') throw new Unreadable(1, `an armor of ${file} that is neither true nor false`)
  return { file, keys, armor }
}

const MOST_DEPTH = 5

function namesIn(values: ReadonlyMap<string, Lazy>, above: readonly string[]): readonly NamedKey[] {
  return [...values].flatMap(([name, lazy]): readonly NamedKey[] => {
    const path = [...above, name]
    const value = valueIfAny(lazy)
    if (typeof value === 'string') return /^(ssh-|age1)/.test(value) ? [{ path, key: value }] : []
    return value instanceof NixSet && path.length < MOST_DEPTH ? namesIn(value.values, path) : []
  })
}

/** What no rule uses may be anything. */
function valueIfAny(lazy: Lazy): Lazy['value'] {
  try {
    return lazy.value
  } catch {
    return null
  }
}
