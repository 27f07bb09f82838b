/**
 * A value in the form in which people write TypeScript: single quotes, keys without quotes if possible, one entry on
 * each line unless a list is short. The text evaluates to the same value again, whatever its strings contain.
 * @param indent the column at which the first line starts
 */
export function typescriptLiteral(value: unknown, indent = 0): string {
  if (typeof value === 'string') return quoted(value)
  if (Array.isArray(value))
    return bracketed(
      '[',
      value.map((one) => typescriptLiteral(one, indent + 2)),
      ']',
      indent,
    )
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
    const lines = entries.map(([key, inner]) => `${keyText(key)}: ${typescriptLiteral(inner, indent + 2)}`)
    return bracketed('{', lines, '}', indent)
  }
  return String(value)
}

/** The width of a list or object on one line. */
const WIDTH = 80

function bracketed(open: string, parts: readonly string[], close: string, indent: number): string {
  if (parts.length === 0) return open + close
  const inner = parts.join(', ')
  const line = open === '{' ? `${open} ${inner} ${close}` : `${open}${inner}${close}`
  if (!line.includes('\n') && indent > 0 && indent + line.length <= WIDTH) return line
  const margin = ' '.repeat(indent + 2)
  return `${open}\n${parts.map((part) => `${margin}${part},\n`).join('')}${' '.repeat(indent)}${close}`
}

/** The escapes of JSON are valid in TypeScript, too. Only the quotes differ. */
function quoted(text: string): string {
  const escaped = JSON.stringify(text).slice(1, -1)
  return `'${escaped.replace(/\\"/g, '"').replace(/'/g, "\\'")}'`
}

/** `__proto__: x` would set the prototype; in brackets it is a key like any other (ECMA-262, B.3.1). */
function keyText(key: string): string {
  if (key === '__proto__') return "['__proto__']"
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key)
}
