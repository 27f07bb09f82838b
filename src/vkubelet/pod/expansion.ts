/** A part of a text with references: itself, or the name of a variable. */
export type Piece = string | { readonly variable: string }

/**
 * The pieces of a text in which `$(NAME)` means a variable and `$$` a dollar sign
 * (k8s.io/kubernetes/third_party/forked/golang/expansion). Whatever else follows a `$` is text, also a `$(` that
 * nothing closes.
 */
export function piecesOf(text: string): readonly Piece[] {
  const pieces: Piece[] = []
  let kept = ''
  let from = 0
  for (let at = text.indexOf('$'); at !== -1; at = text.indexOf('$', from)) {
    kept += text.slice(from, at)
    const next = text[at + 1]
    const end = next === '(' ? text.indexOf(')', at) : -1
    if (end === -1) {
      kept += next === '$' ? '$' : text.slice(at, at + 2)
      from = at + 2
      continue
    }
    if (kept !== '') pieces.push(kept)
    kept = ''
    pieces.push({ variable: text.slice(at + 2, end) })
    from = end + 1
  }
  kept += text.slice(from)
  return kept === '' ? pieces : [...pieces, kept]
}

/** The text with values for variables. One that is unknown stays as it is written. */
export function expanded(text: string, valueFrom: (variable: string) => string | undefined): string {
  return piecesOf(text)
    .map((piece) => (typeof piece === 'string' ? piece : (valueFrom(piece.variable) ?? `$(${piece.variable})`)))
    .join('')
}
