import { KeelError } from '../errors.ts'

/**
 * A value as one word of a POSIX shell command, in single quotes unless it clearly needs none.
 * @throws KeelError for a NUL byte, which no shell word can contain
 */
export function shellQuote(value: string): string {
  if (value.includes('\0')) throw new KeelError({ code: 'shell-nul', found: 'a NUL byte in a value for the shell' })
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

/** A shell script. Its values are quoted; a list becomes words with spaces between them. */
export function sh(strings: TemplateStringsArray, ...values: readonly (string | number | readonly string[])[]): string {
  return strings.reduce((script, text, index) => script + words(values[index - 1] ?? '') + text)
}

function words(value: string | number | readonly string[]): string {
  return Array.isArray(value) ? value.map(shellQuote).join(' ') : shellQuote(String(value))
}
