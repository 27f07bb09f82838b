/**
 * All that is neither printable ASCII nor a sign that keel's own sentences use (’ … → ·); and a space before another
 * one.
 */
const misleading = /[^\x20-\x7e\u2019\u2026\u2192\u00b7]| (?= )/g

/**
 * Prepares a host's words for a layout that counts columns: each character takes exactly one, so the words wrap only
 * where keel wraps them, and begin no line. A wide character (あ) takes two columns, a combining one takes none.
 */
export function foreignText(text: string): string {
  return text.replace(misleading, escaped)
}

function escaped(character: string): string {
  return character === '\n' ? '\\n' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
