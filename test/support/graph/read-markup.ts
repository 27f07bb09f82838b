/** An element of SVG or HTML, with its text as a reader of it sees it. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  /** Directly in it. */
  text: string
}

const tag = /<(?:!--[^-]*-->|!doctype html>|(\/?)([a-z][A-Za-z0-9]*)((?: [a-zA-Z:-]+="[^"<]*")*) ?(\/?)>)/y
const empty = new Set(['meta'])

/**
 * Strict markup, which XML and HTML read alike: quoted attributes, every element closed, references by number only.
 * @throws Error for all else
 */
export function readMarkup(source: string): readonly Element[] {
  const elements: Element[] = []
  const open: Element[] = []
  let at = 0
  while (at < source.length) {
    const next = source.indexOf('<', at)
    const text = source.slice(at, next === -1 ? undefined : next)
    const within = open.at(-1)
    if (within !== undefined) within.text += within.name === 'style' ? text : decoded(text)
    else if (text.trim() !== '') throw new Error(`text outside: ${text}`)
    if (next === -1) break
    tag.lastIndex = next
    const found = tag.exec(source)
    if (found === null) throw new Error(`no tag: ${source.slice(next, next + 80)}`)
    at = tag.lastIndex
    const [, closes, name, attributes = '', closed] = found
    if (name === undefined) continue
    if (closes === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes another element`)
      continue
    }
    const element = { name, attributes: attributesIn(attributes), text: '' }
    elements.push(element)
    if (closed !== '/' && !empty.has(name)) open.push(element)
  }
  if (open.length > 0) throw new Error(`not closed: ${open.map(({ name }) => name)}`)
  return elements
}

function attributesIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [name, decoded(value)]),
  )
}

function decoded(text: string): string {
  const impossible = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u
  if (impossible.test(text)) throw new Error('a character that XML can not have')
  const rest = text.replace(/&#(\d+);/g, '')
  if (/[&>]/.test(rest)) throw new Error(`not quoted: ${rest}`)
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
}
