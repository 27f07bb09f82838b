/** A line of YAML that is structure: no comment, nothing empty, no text of a block (`|`, `>`). */
export interface ContentLine {
  /** The offset of its text. */
  readonly start: number
  readonly indent: number
  /** Without its indentation, a comment, and white space at its end. */
  readonly text: string
}

/** For a text that a parser refuses: line by line, so that one mistake does not hide the next line. */
export function contentLines(source: string): readonly ContentLine[] {
  const lines: ContentLine[] = []
  let block: number | undefined
  let start = 0
  for (const whole of source.split('\n')) {
    const mark = whole.startsWith('\ufeff') ? 1 : 0
    const indent = /^ */.exec(whole.slice(mark))?.[0].length ?? 0
    const text = whole
      .slice(mark + indent)
      .replace(/(?:^|\s)#.*$/, '')
      .trimEnd()
    const isEmpty = text === ''
    if (block !== undefined && !isEmpty && indent <= block) block = undefined
    if (block === undefined && !isEmpty) {
      lines.push({ start: start + mark + indent, indent, text })
      if (/(?:^|[:\s-])[|>][+-]?\d?$/.test(text)) block = indent
    }
    start += whole.length + 1
  }
  return lines
}
