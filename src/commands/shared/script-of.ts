import { sh } from '../../templates/shell-quote.ts'

/** One word is a line for bash; several are a program and its arguments, whatever they hold. */
export function scriptOf(program: readonly string[]): string {
  return program.length === 1 ? program.join('') : sh`exec ${program}`
}
