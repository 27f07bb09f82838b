/** Characters that XML 1.0 (2.2, Char) does not have, and noncharacters. A reader refuses the whole file for one. */
const impossible = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/**
 * A text for XML and HTML, in content and in quoted attributes: nothing in it begins a tag, a reference or ends a
 * quote. Characters that XML can't have become U+FFFD.
 */
export function xmlText(value: string | number): string {
  return String(value)
    .toWellFormed()
    .replace(impossible, '\ufffd')
    .replace(/[&<>"'`\r\n\t]/g, (character) => `&#${character.charCodeAt(0)};`)
}
