/**
 * C0 except the newline, DEL, C1, the bidirectional controls (Unicode Standard Annex 9), and the line and paragraph
 * separators. These move a cursor, hide or reorder text, or rename something on a terminal.
 */
const hidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const short: Readonly<Record<string, string>> = { '\t': '\\t', '\r': '\\r' }

/**
 * Text for a terminal. Characters that could control the terminal are written as JSON escapes, so JSON stays JSON with
 * the same value. Newlines stay, because they are part of the layout. A value within a layout has none (`oneLine`,
 * `describeFault`).
 */
export function visible(text: string): string {
  return text.replace(hidden, (character) => short[character] ?? escaped(character))
}

/** A value as JSON without control characters. */
export function visibleJson(value: unknown, indent?: number): string {
  return visible(JSON.stringify(value, null, indent))
}

/** What `Io.print` writes to stdout. */
export function printedText(value: string | object): string {
  return `${typeof value === 'string' ? visible(value) : visibleJson(value, 2)}\n`
}

/**
 * What `Io.note` writes to stderr. Only the first line begins in the first column, so no value in it can look like
 * another note.
 */
export function notedText(text: string): string {
  return `${visible(text).replace(/\n(?! {2})/g, '\n  ')}\n`
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
