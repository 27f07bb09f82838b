import { type StyledLine, type StyledText, widthOf } from '../../model/text/styled-text.ts'
import { longestWord, wrapPieces } from './inline.ts'

type Cell = StyledLine
const GAP = 2
/** A wrapped column that is narrower than this is hard to read. */
const NARROW = 18

/** A table fitted to a width; where its columns would be too narrow, each row becomes a list of its cells. */
export function tableLines([head = [], ...rows]: readonly (readonly Cell[])[], width: number): StyledText {
  const widths = columnWidths([head, ...rows], width)
  if (widths === undefined)
    return rows.flatMap((row, index) => [...(index === 0 ? [] : [[]]), ...asList(head, row, width)])
  const rule = [widths.map((column) => '-'.repeat(column)).join(' '.repeat(GAP))]
  return [...rowLines(head.map(strong), widths), rule, ...rows.flatMap((row) => rowLines(row, widths))]
}

/**
 * No column is narrower than its longest word, and none is wider than it needs. What room is left goes to the narrowest.
 */
function columnWidths(rows: readonly (readonly Cell[])[], width: number): readonly number[] | undefined {
  const ofColumn = (measure: (cell: Cell) => number) =>
    (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => measure(row[column] ?? []))))
  const [wanted, widths] = [ofColumn(widthOf), ofColumn(longestWord)]
  const short = (column: number) => (widths[column] ?? 0) < (wanted[column] ?? 0)
  const columns = [...widths.keys()]
  let room = width - GAP * (widths.length - 1) - widths.reduce((sum, one) => sum + one, 0)
  if (room < 0) return undefined
  for (; room > 0 && columns.some(short); room -= 1) {
    const [narrowest = 0] = columns.filter(short).toSorted((one, other) => (widths[one] ?? 0) - (widths[other] ?? 0))
    widths[narrowest] = (widths[narrowest] ?? 0) + 1
  }
  return columns.some((column) => short(column) && (widths[column] ?? 0) < NARROW) ? undefined : widths
}

function rowLines(row: readonly Cell[], widths: readonly number[]): StyledText {
  const cells = widths.map((width, column) => wrapPieces(row[column] ?? [], width))
  const height = Math.max(1, ...cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_, index) =>
    cells.flatMap((lines, column): StyledLine => {
      const line = lines[index] ?? []
      if (cells.slice(column + 1).every((others) => others[index] === undefined)) return line
      return [...line, ' '.repeat(Math.max(0, (widths[column] ?? 0) - widthOf(line)) + GAP)]
    }),
  )
}

function asList(head: readonly Cell[], row: readonly Cell[], width: number): StyledText {
  return row.flatMap((cell, column) => {
    const text = [...(head[column] ?? []), ': ', ...(column === 0 ? strong(cell) : cell)]
    if (column === 0) return wrapPieces(text, width)
    return cell.length === 0 ? [] : wrapPieces(text, width - 2).map((line): StyledLine => ['  ', ...line])
  })
}

function strong(cell: Cell): Cell {
  return cell.map((piece) => (typeof piece === 'string' ? { text: piece, look: 'strong' } : piece))
}
