import type { Mark, Node, Pair, ScalarNode } from '../yaml/index.ts'

/** The literal of a number. JSON.parse alone would lose whether it is an integer, and digits beyond 2^53. */
class NumberLiteral {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Reviver = (key: string, value: unknown, context: { readonly source?: string }) => unknown

/**
 * JSON as nodes, with tags like those of YAML; undefined if it is not JSON. Their places have no meaning, because they
 * are inside a value of another file.
 */
export function readJson(text: string): Node | undefined {
  const keepNumbers: Reviver = (_, value, { source }) =>
    typeof value === 'number' ? new NumberLiteral(source ?? '') : value
  try {
    // The library of TypeScript does not know the third argument yet (ECMAScript's JSON.parse source text access, in V8
    // since 11.4).
    return nodeOf(JSON.parse(text, keepNumbers as (key: string, value: unknown) => unknown))
  } catch {
    // not JSON, or nested too deep for the stack
    return undefined
  }
}

const at: Mark = { line: 1, column: 1 }

function nodeOf(value: unknown): Node {
  if (value instanceof NumberLiteral) return scalar(/^-?[0-9]+$/.test(value.text) ? '!!int' : '!!float', value.text)
  if (typeof value === 'string') return scalar('!!str', value)
  if (typeof value === 'boolean') return scalar('!!bool', String(value))
  if (Array.isArray(value)) return { kind: 'sequence', at, tag: '!!seq', items: value.map(nodeOf) }
  if (typeof value !== 'object' || value === null) return scalar('!!null', '')
  const pairs = Object.entries(value).map(([key, item]): Pair => ({ key: scalar('!!str', key), value: nodeOf(item) }))
  return { kind: 'mapping', at, tag: '!!map', pairs }
}

function scalar(tag: string, value: string): ScalarNode {
  return { kind: 'scalar', at, tag, value }
}
