/** Narrower than this, text would be a column of single words. */
const NARROWEST = 40
/** Longer lines are hard to read. */
const WIDEST = 100

interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdout: { readonly columns?: number }
}

/** The columns that help may use. COLUMNS comes first, as with ls and git, because the user has set it. */
export function helpWidth({ env, stdout }: Terminal): number {
  const wanted = /^[1-9]\d{0,4}$/.test(env.COLUMNS ?? '') ? Number(env.COLUMNS) : (stdout.columns ?? 0)
  // a terminal that does not know its width says 0
  return Math.min(Math.max(wanted || 80, NARROWEST), WIDEST)
}

/** Text in lines of at most `width`. A word that is longer breaks behind its commas, or has a line of its own. */
export function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  const add = (piece: string, gap: string) => {
    if (line !== '' && line.length + gap.length + piece.length > width) {
      lines.push(line)
      line = piece
    } else line = line === '' ? piece : `${line}${gap}${piece}`
  }
  for (const word of text.split(/\s+/).filter((one) => one !== ''))
    if (word.length <= width) add(word, ' ')
    else for (const [index, piece] of word.split(/(?<=,)/).entries()) add(piece, index === 0 ? ' ' : '')
  return line === '' ? lines : [...lines, line]
}

/** Lines with spaces before them. */
export function indented(by: number, lines: readonly string[]): readonly string[] {
  return lines.map((line) => ' '.repeat(by) + line)
}

type Row = readonly [term: string, text: string]

/** A term wider than this has its text below it. */
const WIDEST_TERM = 28

/** Terms on the left, what they mean on the right, or below where the right has no room. */
export function twoColumns(rows: readonly Row[], width: number): readonly string[] {
  const fitting = rows.map(([term]) => term.length).filter((length) => length <= Math.min(WIDEST_TERM, width / 2 - 4))
  const column = Math.max(0, ...fitting) + 4
  return rows.flatMap(([term, text]) => {
    const lines = indented(column, wrap(text, width - column))
    if (term.length + 4 > column) return [`  ${term}`, ...lines]
    return [`  ${term}`.padEnd(column) + (lines[0] ?? '').slice(column), ...lines.slice(1)]
  })
}

/**
 * A command line that still works when it is pasted: it breaks with a backslash, between words and never in quotes.
 */
export function wrapCommand(line: string, width: number): readonly string[] {
  const words = line.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []
  const lines: string[] = []
  let current = ''
  for (const word of words) {
    // the last line has no backslash, but is not known yet
    if (current !== '' && current.length + 1 + word.length + 2 > width) {
      lines.push(`${current} \\`)
      current = `  ${word}`
    } else current = current === '' ? word : `${current} ${word}`
  }
  return [...lines, current]
}
