import type { Look, StyledLine } from '../../model/text/styled-text.ts'

export interface Cell {
  readonly text: string
  readonly look?: Look
}

const GAP = '  '

/**
 * Rows with columns of one width each. What has no room ends with `…`: first in the last column, then in the first.
 * @param columns of the terminal
 */
export function fitTable(rows: readonly (readonly Cell[])[], columns: number): readonly StyledLine[] {
  const natural = (rows[0] ?? []).map((_, index) => Math.max(...rows.map((row) => row[index]?.text.length ?? 0)))
  const widths = fitted(natural, columns - GAP.length * (natural.length - 1))
  return rows.map((row) =>
    row.flatMap(({ text, look }, index) => {
      const width = widths[index] ?? 0
      const shown = cut(text, width)
      const isLast = index === row.length - 1
      const piece = look === undefined ? shown : { text: shown, look }
      return isLast ? [piece] : [piece, `${' '.repeat(width - shown.length)}${GAP}`]
    }),
  )
}

/** The least that the last and the first column get. */
const LEAST = [6, 8] as const

function fitted(natural: readonly number[], room: number): readonly number[] {
  const widths = [...natural]
  for (const [index, least] of [
    [widths.length - 1, LEAST[0]],
    [0, LEAST[1]],
  ] as const) {
    const over = widths.reduce((sum, width) => sum + width, 0) - room
    const width = widths[index] ?? 0
    if (over > 0) widths[index] = Math.max(Math.min(width, least), width - over)
  }
  return widths
}

/** A text of at most some characters. */
export function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
