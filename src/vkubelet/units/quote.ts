import type { Piece } from '../pod/expansion.ts'

/**
 * One argument of `ExecStart=`, always in quotes: then no `;` separates commands, and no space words
 * (systemd.service(5), Command lines). `%` begins a specifier and `$` a variable, both also in quotes. A variable
 * becomes `${NAME}`: the value is one argument's part, whatever is in it, and systemd does not read it again.
 * @param isKnown whether the environment has the variable; another one stays as Kubernetes writes it
 */
export function execWord(pieces: readonly Piece[], isKnown: (variable: string) => boolean): string {
  const parts = pieces.map((piece) => {
    if (typeof piece === 'string') return escaped(piece)
    return isKnown(piece.variable) ? `\${${piece.variable}}` : escaped(`$(${piece.variable})`)
  })
  return `"${parts.join('')}"`
}

/** The program itself: systemd replaces no variable in it. @throws Error for one with a `$` */
export function execProgram(path: string): string {
  if (path.includes('$')) throw new Error('a program with a $ was not refused')
  return `"${escaped(path)}"`
}

/** C escapes, as systemd reads them (systemd.syntax(7), Quoting), then the two signs. */
function escaped(text: string): string {
  return text.replace(/[\0-\x1f\x7f"\\%$]/g, (one) => {
    if (one === '%' || one === '$') return one + one
    if (one === '"' || one === '\\') return `\\${one}`
    return `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
}

/**
 * A value that systemd does not unquote, but in which `%` begins a specifier: a path, a description.
 * @throws Error for one that would not be one line, or lose its ends
 */
export function plainValue(text: string): string {
  if (!/^[^\s\0-\x1f\x7f](?:[^\0-\x1f\x7f]*[^\s\0-\x1f\x7f\\])?$/.test(text) || text === '\\')
    throw new Error('a value for a unit that is not one line was not refused')
  return text.replaceAll('%', '%%')
}

/**
 * A variable in an environment file. In double quotes systemd keeps all but four signs as they are, also line breaks
 * (src/basic/env-file.c).
 */
export function environmentLine(name: string, value: string): string {
  return `${name}="${value.replace(/["\\`$]/g, '\\$&')}"\n`
}
