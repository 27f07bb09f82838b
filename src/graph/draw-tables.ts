import { type Drawing, fitted, MARGIN, type Text, WIDTH } from './drawing.ts'
import { PORT_COLUMNS, portCells, SECRET_COLUMNS, secretCells } from './tables.ts'
import type { Topology } from './topology.ts'

const LINE = 20
/** Where the columns of a table begin. */
const PORTS_AT = [MARGIN, 220, 360, 560]
const SECRETS_AT = [MARGIN, 360, 560, 760]

/** The topology, and below it who may reach which port and who may read which secret. */
export function withTables(drawing: Drawing, topology: Topology): Drawing {
  const ports = drawTable('ports', PORTS_AT, PORT_COLUMNS, topology.ports.map(portCells), drawing.height)
  const secrets = drawTable(
    'who may read which secret',
    SECRETS_AT,
    SECRET_COLUMNS,
    topology.secrets.map(secretCells),
    ports.bottom,
  )
  return {
    ...drawing,
    height: secrets.bottom,
    texts: [...drawing.texts, ...ports.texts, ...secrets.texts],
  }
}

function drawTable(
  title: string,
  at: readonly number[],
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  top: number,
): { readonly texts: readonly Text[]; readonly bottom: number } {
  const row = (cells: readonly string[], y: number, size: Text['size']) =>
    cells.map((cell, column): Text => {
      const x = at[column] ?? MARGIN
      return { x, y, size, text: fitted(cell, size, (at[column + 1] ?? WIDTH - MARGIN) - x - 12) }
    })
  return {
    texts: [
      { x: MARGIN, y: top + 16, size: 'name', text: title },
      ...row(columns, top + 16 + LINE, 'small'),
      ...rows.flatMap((cells, index) => row(cells, top + 16 + (index + 2) * LINE, 'plain')),
    ],
    bottom: top + 16 + (rows.length + 2) * LINE + MARGIN,
  }
}
