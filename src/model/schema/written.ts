import { quote } from '../names.ts'

/**
 * Describes a value of the wrong kind, and how to write it in the right kind. `written`: the text in its file (`0644`,
 * `1.10`), if it is known.
 */

export const TRUE_OR_FALSE = 'true or false'

export function describe(value: unknown, written?: string): string {
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  if (value === null) return written === undefined ? 'nothing' : `${quote(written).slice(1, -1)} (nothing)`
  if (typeof value === 'number') return `the number ${written ?? String(value)}`.slice(0, 80)
  if (typeof value === 'symbol') return value.description ?? 'a symbol'
  return typeof value === 'function' ? 'a function' : String(value)
}

/** For a number, true or false instead of a text: quotes turn it into a text. */
export function inQuotes(value: unknown, written?: string): string | undefined {
  if (typeof value !== 'number' && typeof value !== 'boolean') return undefined
  // the form of TypeScript and YAML 1.2 for a file mode: 0o644
  const text = (written ?? String(value)).replace(/^0o(?=[0-7]+$)/, '0')
  return text.length > 64 ? undefined : `put it in quotes: '${text}'`
}

const YES = new Set(['yes', 'on', 'y', 'true'])
const NO = new Set(['no', 'off', 'n', 'false'])

/** For a word that is true or false in YAML 1.1, and a text in YAML 1.2. */
export function asBoolean(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined
  const word = value.toLowerCase()
  return YES.has(word) ? 'write true' : NO.has(word) ? 'write false' : undefined
}

/** For `'5'` instead of a number. */
export function asNumber(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? `write it without quotes: ${Number(value)}` : undefined
}
