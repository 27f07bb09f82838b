import type { Position } from './cursor.ts'

type Style = 'plain' | 'quoted' | 'block'

/** What the scanner returns to the composer. The names are those of libyaml. */
export type Token =
  | { readonly kind: Indicator; readonly start: Position; readonly end: Position }
  | { readonly kind: 'version-directive'; readonly start: Position; readonly major: number; readonly minor: number }
  | { readonly kind: 'tag-directive'; readonly start: Position; readonly handle: string; readonly prefix: string }
  | { readonly kind: 'alias' | 'anchor'; readonly start: Position; readonly name: string }
  | { readonly kind: 'tag'; readonly start: Position; readonly handle: string; readonly suffix: string }
  | { readonly kind: 'scalar'; readonly start: Position; readonly value: string; readonly style: Style }

export type Indicator =
  | 'stream-start'
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value'

export function endOf(token: Token): Position {
  return 'end' in token ? token.end : token.start
}
