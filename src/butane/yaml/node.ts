/** A place in the file. Line and column count from 1, and a column is a character, not a byte. */
export interface Mark {
  readonly line: number
  readonly column: number
}

export interface ScalarNode {
  readonly kind: 'scalar'
  readonly at: Mark
  /** Short form (`!!str`, `!mine`). For a plain scalar without a tag, it is the tag that follows from its text. */
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

/** The text of a key in paths and in the duplicate check. Collections have none. */
export function keyText(key: Node): string {
  return key.kind === 'scalar' ? key.value : key.kind === 'alias' ? key.name : ''
}
