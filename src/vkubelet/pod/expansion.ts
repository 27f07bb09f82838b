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

/** Characters: the kernel takes no longer argument or variable (MAX_ARG_STRLEN). A kilobyte of references could be gigabytes. */
const LONGEST = 131_072

/**
 * The text with values for variables. One that is unknown stays as it is written.
 * @returns undefined for a text that no program can have
 */
export function expanded(text: string, valueFrom: (variable: string) => string | undefined): string | undefined {
  const parts: string[] = []
  let length = 0
  for (const piece of piecesOf(text)) {
    const part = typeof piece === 'string' ? piece : (valueFrom(piece.variable) ?? `$(${piece.variable})`)
    length += part.length
    if (length > LONGEST) return undefined
    parts.push(part)
  }
  return parts.join('')
}
