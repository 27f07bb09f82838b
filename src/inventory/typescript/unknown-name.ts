import { hint, nearest } from '../../model/text/nearest.ts'
import { CALLS } from '../definition-file.ts'
import { isSign } from './literals.ts'
import { tokens } from './tokens.ts'

/** The functions that an inventory can import from 'keel' (src/index.ts). */
export const FUNCTIONS: readonly string[] = [...Object.values(CALLS), 'secret']

/**
 * What to do about `x is not defined`: an import is missing, or the quotes of a text.
 * @param code of the inventory, from the statement with that name on: V8 gives no better place for a call
 * @returns undefined for any other message
 */
export function undefinedName(message: string, code: string): string | undefined {
  const name = /^([\p{L}\p{N}_$]+) is not defined$/u.exec(message)?.[1]
  if (name === undefined) return undefined
  if (FUNCTIONS.includes(name)) return `write at the top of the file: import { ${name} } from 'keel'`
  const all = tokens(code)
  const at = all.findIndex(({ kind, text }) => kind === 'word' && text === name)
  const [token, next] = [all[at], all[at + 1]]
  if (token !== undefined && isSign(next, '(')) {
    const meant = nearest(name, FUNCTIONS)
    return meant === undefined ? 'define or import it' : `did you mean '${meant}'?`
  }
  return next !== undefined && next.start === token?.end && isSign(next, '-', '.', ':', '/', '@', '+')
    ? `write the text that begins with '${name}' in quotes; if ${name} is a name, define or import it`
    : `write '${name}' in quotes if it is a text; else define or import it`
}

/** What to do about a name that 'keel' does not export; undefined for other modules. */
export function unknownExport(message: string): string | undefined {
  const name = /module 'keel' does not provide an export named '([^']+)'/.exec(message)?.[1]
  return name === undefined ? undefined : hint(name, FUNCTIONS)
}
