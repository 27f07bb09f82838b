/** A part of a page, in the subset of Markdown that keel's docs use. */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  /** Its first row is its head. */
  | { readonly kind: 'table'; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'list'; readonly items: readonly Item[] }

export interface Item {
  /** `-`, or `2.` */
  readonly marker: string
  readonly blocks: readonly Block[]
}

/** The blocks of a page. Leaves out comments and the lines of HTML that only lay out a page for a browser. */
export function blocksIn(lines: readonly string[]): readonly Block[] {
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; ) {
    const [block, next] = blockAt(lines, at)
    if (block !== undefined) blocks.push(block)
    at = next
  }
  return blocks
}

const ITEM = /^([-*]|\d+\.) +(?=\S)/
const NO_TEXT = /^(<!--.*-->|<\/?[a-z][^>]*>|\s*)$/

function blockAt(lines: readonly string[], at: number): readonly [Block | undefined, number] {
  const line = lines[at] ?? ''
  if (NO_TEXT.test(line)) return [undefined, at + 1]
  if (line.startsWith('```')) {
    const end = endOf(lines, at, (next) => next.startsWith('```'))
    return [{ kind: 'code', lines: lines.slice(at + 1, end) }, end + 1]
  }
  const [, hashes, heading] = /^(#+) +(.*)/.exec(line) ?? []
  if (hashes !== undefined && heading !== undefined)
    return [{ kind: 'heading', level: hashes.length, text: heading }, at + 1]
  if (line.startsWith('|')) {
    const end = endOf(lines, at, (next) => !next.startsWith('|'))
    const rows = lines.slice(at, end).filter((row) => !/^[|\s:-]+$/.test(row))
    return [{ kind: 'table', rows: rows.map(cellsOf) }, end]
  }
  if (ITEM.test(line)) return listAt(lines, at)
  const end = endOf(lines, at, (next) => NO_TEXT.test(next) || /^(```|#+ |\|)/.test(next) || ITEM.test(next))
  return [{ kind: 'paragraph', text: lines.slice(at, end).join(' ') }, end]
}

/** The first line after `at` that is `found`, or the end. */
function endOf(lines: readonly string[], at: number, found: (line: string) => boolean): number {
  const end = lines.findIndex((line, index) => index > at && found(line))
  return end === -1 ? lines.length : end
}

/** An escaped `|` is part of a cell. */
function cellsOf(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))
}

function listAt(lines: readonly string[], start: number): readonly [Block, number] {
  const items: Item[] = []
  let at = start
  for (;;) {
    const [head, marker] = ITEM.exec(lines[at] ?? '') ?? []
    if (head === undefined || marker === undefined) return [{ kind: 'list', items }, at]
    // what is indented belongs to the item, also after a blank line; so does the rest of a paragraph
    let end = endOf(lines, at, (line) => !line.startsWith(' ') && (line === '' || ITEM.test(line)))
    while (lines[end] === '' && lines[end + 1]?.startsWith(' '))
      end = endOf(lines, end, (line) => !line.startsWith(' '))
    const [first = '', ...rest] = lines.slice(at, end)
    const indent = ' '.repeat(head.length)
    const own = rest.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    items.push({ marker, blocks: blocksIn([first.slice(head.length), ...own]) })
    at = lines[end] === '' && ITEM.test(lines[end + 1] ?? '') ? end + 1 : end
  }
}
