import type { Bracket } from './bracket-slips.ts'
import type { Indent } from './line-indents.ts'
import type { Token } from './tokens.ts'

/** `names`: of an import. `block`: statements, types, and all else that is only looked through for brackets. */
export type Kind = 'object' | 'list' | 'call' | 'parameters' | 'names' | 'block' | 'computed'

export interface Frame {
  readonly kind: Kind
  readonly open: Token
  readonly bracket: Bracket
  /** The width of its line's indent. */
  readonly indent: number
  /** What comes next in an object. */
  phase: 'key' | 'after-key' | 'value' | 'method'
  /** Question marks that wait for their colon. */
  ternaries: number
}

/** Where the scanner is. */
export interface Step {
  readonly all: readonly Token[]
  readonly index: number
  readonly token: Token
  readonly before: Token | undefined
  readonly stack: Frame[]
  /** Brackets whose closing one begins a line further left than theirs: it was meant for another. */
  readonly unequal: Token[]
  readonly source: string
  readonly indentOf: (offset: number) => Indent
}
