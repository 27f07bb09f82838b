import type { Entry } from './report.ts'
import { byteLength, textOfBytes } from './text.ts'

/** One line for each message, in the form of butane with `--raw-errors`: `error at $.path, line 3 col 5: message`. */
export function describeRaw({ severity, path, line, column, message }: Entry): string {
  const at = path === '$' ? '' : `${path}, `
  return `${severity} at ${at}line ${line} col ${column}: ${message}\n`
}

/**
 * The messages in the form that butane prints: each with the lines around its place, separated by blank lines. `source`
 * is the text of the config.
 */
export function describeReport(entries: readonly Entry[], fileName: string, source: Uint8Array): string {
  const lines = splitLines(source)
  return entries.map((entry) => describeEntry(entry, fileName, lines)).join('\n')
}

// the number of lines before and after the line of the message
const around = 2

function describeEntry(entry: Entry, fileName: string, lines: readonly Uint8Array[]): string {
  const { severity, path, line, column, message } = entry
  const meant = lines[line - 1]
  // butane uses a column of characters as if it counted bytes
  if (meant === undefined || column > meant.length) return describeRaw(entry)
  const first = Math.max(1, line - around)
  const last = Math.min(lines.length, line + around)
  const width = String(last).length
  const empty = `${' '.repeat(width + 2)}|`
  const shown = [`${severity}${path === '$' ? '' : `[${path}]`}:`, `  --> ${fileName}:${line}:${column}`, empty]
  for (let number = first; number <= last; number += 1) {
    shown.push(` ${String(number).padStart(width)} | ${textOf(lines[number - 1])}`)
    if (number === line) shown.push(`${empty} ${' '.repeat(column - 1)}${carets(meant, column - 1)} ${message}`)
  }
  return `${[...shown, empty].join('\n')}\n`
}

/** The marks end at the next white space, counted in bytes. */
function carets(line: Uint8Array, start: number): string {
  const rest = textOfBytes(line.subarray(start))
  const [word = ''] = rest.split(/[\t\n\v\f\r \x85\p{Zs}\u2028\u2029]/u, 1)
  return '^'.repeat(byteLength(word))
}

function splitLines(source: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = []
  let start = 0
  for (;;) {
    const end = source.indexOf(0x0a, start)
    lines.push(source.subarray(start, end < 0 ? source.length : end))
    if (end < 0) return lines
    start = end + 1
  }
}

function textOf(line: Uint8Array | undefined): string {
  return new TextDecoder().decode(line)
}
