/** A place in the file; line and column count from 1, a column is a character (not a byte). */
export interface Mark {
  readonly line: number
  readonly column: number
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly at: Mark
  /** Short form (`!!str`, `!mine`); a plain scalar without one has the tag that its text resolves to. */
  readonly tag: string
  readonly value: string
}

export interface SequenceNode {
  readonly kind: 'sequence'
  readonly at: Mark
  readonly tag: string
  readonly items: readonly Node[]
}

export interface MappingNode {
  readonly kind: 'mapping'
  readonly at: Mark
  readonly tag: string
  readonly pairs: readonly Pair[]
}

export interface AliasNode {
  readonly kind: 'alias'
  readonly at: Mark
  readonly name: string
  readonly target: Exclude<Node, AliasNode>
}

export interface Pair {
  readonly key: Node
  readonly value: Node
}

export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode

/** The text that a key shows in paths and in the duplicate check: collections have none. */
export function keyText(key: Node): string {
  return key.kind === 'scalar' ? key.value : key.kind === 'alias' ? key.name : ''
}
