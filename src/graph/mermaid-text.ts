/**
 * A text for a quoted label of Mermaid, where `#NNN;` is a character (Mermaid, "Flowcharts: Entity codes to escape
 * characters"). All but plain characters are written so: quotes, Markdown, HTML and directives have no other meaning.
 */
export function mermaidText(value: string | number): string {
  return [...String(value).toWellFormed()]
    .map((character) => (/[A-Za-z0-9 ,.:/+()_-]/.test(character) ? character : `#${character.codePointAt(0)};`))
    .join('')
}
