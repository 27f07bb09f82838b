import { Unreadable } from './unreadable.ts'

export type Token =
  | { readonly kind: 'name' | 'string' | 'path' | 'sign'; readonly text: string; readonly line: number }
  | { readonly kind: 'end'; readonly text: 'the end of the file'; readonly line: number }

/** In this order: the longest first. Nix's other operators are none that a secrets.nix needs; a byte order mark is no white space to it. */
const PATTERN =
  /(?<space>[ \t\r\n]+|#[^\r\n]*|\/\*[\s\S]*?\*\/)|(?<path>\.\.?\/[A-Za-z0-9._+/-]+)|(?<name>[A-Za-z_][A-Za-z0-9_'-]*)|(?<string>"(?:[^"\\]|\\[\s\S])*")|(?<sign>\+\+|\/\/|[={}[\]().;])/y

/** The words of a Nix file. @throws Unreadable for anything beyond what a secrets.nix usually holds, with its line */
export function nixTokens(text: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  const pattern = new RegExp(PATTERN)
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex
    const found = pattern.exec(text)
    if (found === null) throw new Unreadable(line, unknown(text, at))
    const { space, path, name, string, sign } = found.groups ?? {}
    if (path !== undefined) tokens.push({ kind: 'path', text: path, line })
    else if (name !== undefined) tokens.push({ kind: 'name', text: name, line })
    else if (string !== undefined) tokens.push({ kind: 'string', text: unescaped(string.slice(1, -1), line), line })
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign, line })
    else if (space === undefined) throw new Unreadable(line, unknown(text, at))
    line += found[0].split('\n').length - 1
  }
  return [...tokens, { kind: 'end', text: 'the end of the file', line }]
}

/** Nix manual, "String literal": `\n`, `\r` and `\t`; a backslash before anything else gives that itself; `$$` starts no interpolation. */
function unescaped(body: string, line: number): string {
  return body.replace(/\\([\s\S])|\$\$|\$\{|\r\n?/g, (whole, escaped: string | undefined) => {
    if (whole === '${') throw new Unreadable(line, 'a string with an interpolation in it')
    if (escaped === undefined) return whole === '$$' ? whole : '\n'
    return { n: '\n', r: '\r', t: '\t' }[escaped] ?? escaped
  })
}

function unknown(text: string, at: number): string {
  if (text.startsWith("''", at)) return "a string in ''…''"
  if (text.startsWith('"', at)) return 'a string without an end'
  if (text.startsWith('$' + '{', at)) return 'an interpolated name'
  if (text.startsWith('/*', at)) return 'a comment without an end'
  if (text[at] === ':' || text[at] === '@' || text[at] === ',' || text[at] === '?') return 'a function'
  // never more of a file that may be anything
  return /[\x21-\x7e]/.test(text[at] ?? '') ? `the sign ${text[at]}` : 'a character that is not ASCII'
}
