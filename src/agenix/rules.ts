import { evaluateNix, isList, listOf, type ReadImport, setOf } from './nix-evaluate.ts'
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
  /** The last word is empty for one that stands in a list: `systems = [ … ]`. */
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
  const { values } = setOf(lazy.value, lazy.line)
  const publicKeys = values.get('publicKeys')
  if (publicKeys === undefined) throw new Unreadable(lazy.line, `${file} without publicKeys`)
  const keys = listOf(publicKeys.value, publicKeys.line).map(({ value, line }) => {
    if (typeof value !== 'string') throw new Unreadable(line, `a public key of ${file} that is no string`)
    return value
  })
  const armored = values.get('armor')
  const armor = armored?.value ?? false
  if (typeof armor !== 'boolean') throw new Unreadable(armored?.line ?? 1, `an armor of ${file} that is neither true nor false`)
  return { file, keys, armor }
}

const MOST_DEPTH = 5

function namesIn(values: ReadonlyMap<string, Lazy>, above: readonly string[]): readonly NamedKey[] {
  return [...values].flatMap(([name, lazy]): readonly NamedKey[] => {
    const path = [...above, name]
    const value = valueIfAny(lazy)
    if (typeof value === 'string') return isKey(value) ? [{ path, key: value }] : []
    if (isList(value)) return value.map(valueIfAny).flatMap((key) => (isKey(key) ? [{ path: [...path, ''], key }] : []))
    return value instanceof NixSet && path.length < MOST_DEPTH ? namesIn(value.values, path) : []
  })
}

function isKey(value: Lazy['value']): value is string {
  return typeof value === 'string' && /^(ssh-|age1)/.test(value)
}

/** What no rule uses may be anything. */
function valueIfAny(lazy: Lazy): Lazy['value'] {
  try {
    return lazy.value
  } catch {
    return null
  }
}
