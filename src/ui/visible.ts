/**
 * C0 without the newline, DEL, C1, the bidirectional controls (Unicode Standard Annex 9), and the line and paragraph
 * separators: what moves a cursor, hides, reorders or renames something on a terminal.
 */
const hidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const short: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r' }

/**
 * Text for a terminal, with whatever could do something there written as JSON writes it: so JSON stays JSON, of the
 * same value. Newlines are the layout's and stay; what is put into a layout has none (`oneLine`, `describeFault`).
 */
export function visible(text: string): string {
  return text.replace(hidden, (character) => short[character] ?? escaped(character))
}

/** A value as JSON, of which every byte can be shown. */
export function visibleJson(value: unknown, indent?: number): string {
  return visible(JSON.stringify(value, null, indent))
}

/** What `Io.print` puts on stdout. */
export function printedText(value: string | object): string {
  return `${typeof value === 'string' ? visible(value) : visibleJson(value, 2)}\n`
}

/**
 * What `Io.note` puts on stderr: in its first column is nothing but the first line, so that no value in it can pass for
 * another note.
 */
export function notedText(text: string): string {
  return `${visible(text).replace(/\n(?! {2})/g, '\n  ')}\n`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
