import { type StyledLine, type StyledText, styled } from '../../model/text/styled-text.ts'
import { type Block, blocksIn, type Item } from './blocks.ts'
import { type Inline, piecesOf, wrapPieces } from './inline.ts'
import { tableLines } from './table.ts'

/** How a page is laid out. */
export interface Layout extends Inline {
  readonly width: number
}

/** A page for a terminal: headings at the left, everything else indented, wrapped to the width. */
export function layOutPage(markdown: string, layout: Layout): StyledText {
  const blocks = blocksIn(markdown.split('\n'))
  const body = { ...layout, width: layout.width - 2 }
  return joined(
    blocks.map((block) =>
      block.kind === 'heading' ? blockLines(block, layout) : indented('  ', blockLines(block, body)),
    ),
  )
}

function blockLines(block: Block, layout: Layout): StyledText {
  switch (block.kind) {
    case 'heading':
      return wrapPieces(piecesOf(block.text, layout, 'heading'), layout.width)
    case 'paragraph':
      return wrapPieces(piecesOf(block.text, layout), layout.width)
    case 'code':
      return indented(
        '  ',
        block.lines.map((line) => (line === '' ? [] : [styled('literal', line)])),
      )
    case 'table':
      return tableLines(
        block.rows.map((row) => row.map((cell) => piecesOf(cell, layout))),
        layout.width,
      )
    case 'list':
      return block.items.flatMap((item) => itemLines(item, layout))
  }
}

function itemLines({ marker, blocks }: Item, layout: Layout): StyledText {
  const head = `${marker} `
  const lines = joined(blocks.map((block) => blockLines(block, { ...layout, width: layout.width - head.length })))
  return lines.map((line, index) =>
    line.length === 0 ? line : [index === 0 ? head : ' '.repeat(head.length), ...line],
  )
}

function indented(by: string, lines: StyledText): StyledText {
  return lines.map((line): StyledLine => (line.length === 0 ? line : [by, ...line]))
}

/** With a blank line between each two. */
function joined(parts: readonly StyledText[]): StyledText {
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : [[], ...part]))
}
