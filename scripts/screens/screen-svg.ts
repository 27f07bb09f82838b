import { xmlText } from '../../src/graph/xml-text.ts'

/** Of a piece of text on a terminal: `bold`, `red` … */
type Style = readonly string[]

interface Cell {
  readonly character: string
  readonly style: Style
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white']
/** Select Graphic Rendition (ECMA-48, 8.3.117), as far as keel uses it. */
const ATTRIBUTES: Readonly<Record<number, string>> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline' }

const WIDTH = 8.4
const HEIGHT = 18
const PADDING = 14

/** What a terminal of this width shows in the end, as SVG: dark or light, as the reader's system. */
export function screenSvg(output: string, columns: number, title: string): string {
  const lines = screenOf(output, columns)
  const [width, height] = [Math.ceil(columns * WIDTH) + 2 * PADDING, lines.length * HEIGHT + 2 * PADDING]
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${xmlText(title)}">
<style>
svg { --ground: #ffffff; --ink: #24292f; --line: #d0d7de; --black: #24292f; --red: #c4242f; --green: #14702f; --yellow: #8a5c00; --blue: #0a58c4; --magenta: #8034c2; --cyan: #0f6a7a; --white: #57606a; }
@media (prefers-color-scheme: dark) { svg { --ground: #0d1117; --ink: #e2e8ef; --line: #30363d; --black: #8b949e; --red: #ff7b72; --green: #56d364; --yellow: #e3b341; --blue: #79b8ff; --magenta: #d2a8ff; --cyan: #6fdbe8; --white: #f0f6fc; } }
rect { fill: var(--ground); stroke: var(--line); }
text { fill: var(--ink); font: 14px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace; white-space: pre; }
.bold { font-weight: bold; }
.dim { opacity: 0.7; }
.italic { font-style: italic; }
.underline { text-decoration: underline; }
${COLOURS.map((colour) => `.${colour} { fill: var(--${colour}); }`).join('\n')}
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${lines.flatMap((line, row) => runs(line).map((run) => printed(run, row))).join('\n')}
</svg>
`
}

interface Run {
  readonly column: number
  readonly text: string
  readonly style: Style
}

/** Neighbours of one style; spaces at the ends need nothing. */
function runs(line: readonly Cell[]): readonly Run[] {
  const found: { column: number; text: string; style: Style }[] = []
  for (const [column, { character, style }] of line.entries()) {
    const last = found.at(-1)
    if (last !== undefined && last.style.join() === style.join()) last.text += character
    else found.push({ column, text: character, style })
  }
  return found.filter(({ text }) => text.trim() !== '')
}

/** `textLength`: also a font that is a little wider or narrower keeps the columns. */
function printed({ column, text, style }: Run, row: number): string {
  const x = (PADDING + column * WIDTH).toFixed(1)
  const y = PADDING + (row + 0.75) * HEIGHT
  const look = style.length === 0 ? '' : ` class="${style.join(' ')}"`
  return `<text x="${x}" y="${y}" textLength="${([...text].length * WIDTH).toFixed(1)}" lengthAdjust="spacingAndGlyphs"${look}>${xmlText(text)}</text>`
}

const PIECE = /\u001b\[([0-9;?]*)([A-Za-z])|\r|\n|[^\u001b]/gu

/** A terminal, as far as keel uses one: lines that wrap, colours, the cursor back and up, and what these erase. */
export function screenOf(output: string, columns: number): readonly (readonly Cell[])[] {
  const lines: Cell[][] = [[]]
  let [row, column, style]: [number, number, Style] = [0, 0, []]
  const down = () => {
    row += 1
    while (lines.length <= row) lines.push([])
  }
  for (const [piece, parameters = '', command] of output.matchAll(PIECE)) {
    const line = lines[row] ?? []
    if (command === 'm') style = styled(style, parameters)
    else if (command === 'K') line.length = parameters === '2' ? 0 : Math.min(line.length, column)
    else if (command === 'A') row = Math.max(0, row - Number(parameters || 1))
    else if (command === 'J') {
      line.length = Math.min(line.length, column)
      lines.length = row + 1
    } else if (command === 'G') column = Number(parameters || 1) - 1
    else if (command !== undefined) continue
    else if (piece === '\r') column = 0
    else if (piece === '\n') down()
    else {
      if (column >= columns) {
        down()
        column = 0
      }
      const on = lines[row] ?? []
      while (on.length < column) on.push({ character: ' ', style: [] })
      on[column] = { character: piece, style }
      column += 1
    }
  }
  while (lines.at(-1)?.length === 0) lines.pop()
  return lines
}

function styled(before: Style, parameters: string): Style {
  let style = before
  for (const code of parameters.split(';').map(Number)) {
    const colour = COLOURS[code >= 90 ? code - 90 : code - 30]
    const attribute = ATTRIBUTES[code]
    if (code === 0) style = []
    else if (code === 22) style = style.filter((one) => one !== 'bold' && one !== 'dim')
    else if (code === 39) style = withoutColour(style)
    else if (colour !== undefined) style = [...withoutColour(style), colour]
    else if (attribute !== undefined) style = [...style, attribute]
  }
  return style
}

function withoutColour(style: Style): Style {
  return style.filter((one) => !COLOURS.includes(one))
}
