/** A picture as positions in pixels: what svg.ts prints. */
export interface Drawing {
  readonly width: number
  readonly height: number
  readonly boxes: readonly Box[]
  readonly arrows: readonly Arrow[]
  readonly texts: readonly Text[]
}

/** A rectangle with the texts inside it. */
export interface Box {
  readonly kind: 'frame' | 'host' | 'first' | 'vip' | 'people'
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** Everything about it, also what was too long for it: shown by a browser while the pointer is over it. */
  readonly about: string
  /** Where a click leads, in an HTML file that has such a place. */
  readonly link?: string
  readonly texts: readonly Text[]
}

export interface Arrow {
  /** In the form of SVG: `M 10 20 V 40`. */
  readonly path: string
  readonly heads: 'end' | 'both'
}

export interface Text {
  readonly x: number
  /** Of its base line. */
  readonly y: number
  readonly size: keyof typeof SIZES
  readonly text: string
}

/** Font sizes in pixels. */
const SIZES = { title: 18, name: 13, plain: 12, small: 11 } as const

/** A character of a monospaced font is at most this part of its size wide: DejaVu Sans Mono and Menlo have 0.602. */
const ADVANCE = 0.61

export const WIDTH = 960
export const MARGIN = 24

/** A box with a line in bold and others below it. */
export function cardOf(
  kind: Box['kind'],
  { x, y, width }: Pick<Box, 'x' | 'y' | 'width'>,
  lines: readonly string[],
  about: readonly string[],
): Box {
  const texts = lines.map((line, index): Text => {
    const size = index === 0 ? 'name' : 'plain'
    return { x: x + 12, y: y + 22 + index * 18, size, text: fitted(line, size, width - 24) }
  })
  return { kind, x, y, width, height: 16 + lines.length * 18, about: about.join('\n'), texts }
}

export function below({ y, height }: Box): number {
  return y + height
}

/** A text that fits into a width. What is too long loses its middle, because the ends tell names and addresses apart. */
export function fitted(text: string, size: keyof typeof SIZES, width: number): string {
  const most = Math.max(1, Math.floor(width / (SIZES[size] * ADVANCE)))
  const characters = [...text]
  if (columns(characters) <= most) return text
  // a character outside ASCII may be two columns wide
  const kept = characters.every(isNarrow) ? most - 1 : Math.floor((most - 1) / 2)
  const head = Math.ceil(kept / 2)
  const tail = kept - head
  return `${characters.slice(0, head).join('')}…${tail === 0 ? '' : characters.slice(-tail).join('')}`
}

/** At most, in pixels. */
export function widthOf(text: string, size: keyof typeof SIZES): number {
  return Math.ceil(columns([...text]) * SIZES[size] * ADVANCE)
}

function columns(characters: readonly string[]): number {
  return characters.reduce((sum, one) => sum + (isNarrow(one) ? 1 : 2), 0)
}

function isNarrow(character: string): boolean {
  return character >= ' ' && character <= '~'
}
