import type { Slip } from '../slip.ts'
import { isSign } from './literals.ts'
import type { Token } from './tokens.ts'

/** What brackets, keys, commas and colons can lack, and the likely cure. */

export type Bracket = '(' | '[' | '{'
export const CLOSER = { '(': ')', '[': ']', '{': '}' } as const

export function missingBrace(colon: Token | undefined): Slip | undefined {
  return colon && { offset: colon.end, found: 'a { is missing after this colon', todo: 'write : {' }
}

export function notClosed({ start, text }: Token): Slip {
  return {
    offset: start,
    found: `a ${text} that nothing closes`,
    todo: `write ${CLOSER[text as Bracket]} at the end of what it begins`,
  }
}

export function stray({ start }: Token): Slip {
  return { offset: start, found: 'a comma with nothing before it', todo: 'delete it' }
}

export function semicolon({ start }: Token): Slip {
  return { offset: start, found: 'a semicolon between the entries of an object', todo: 'write a comma' }
}

export function missingComma({ end }: Token): Slip {
  return { offset: end, found: 'a comma is missing after this', todo: 'write a comma' }
}

export function missingColon(key: Token | undefined, token: Token): Slip {
  return {
    offset: key?.end ?? token.start,
    found: `a colon is missing after ${wordOf(key)}`,
    todo: `write ${wordOf(key)}: `,
  }
}

const NAMES_IN_ONE = /[\p{L}\p{N}_$]+(?:[-./][\p{L}\p{N}_$]+)+(?=\s*:)/uy

/** `secrets-encryption: true`: TypeScript reads a subtraction. */
export function unquotedKey(key: Token | undefined, source: string): Slip | undefined {
  if (key?.kind !== 'word') return undefined
  NAMES_IN_ONE.lastIndex = key.start
  const name = NAMES_IN_ONE.exec(source)?.[0]
  return name === undefined
    ? undefined
    : {
        offset: key.start,
        found: 'a key without quotes that has other signs than letters and digits',
        todo: name.length <= 80 ? `write the key in quotes: '${name}'` : 'write the key in quotes',
      }
}

export function dashForColon(key: Token | undefined, token: Token): Slip | undefined {
  return isSign(token, '-') ? missingColon(key, token) : undefined
}

/** The key in front of a mistake. Keys are no secrets, but a wrong file may have one in its place. */
export function wordOf(key: Token | undefined): string {
  return key?.kind === 'word' && key.text.length <= 40 ? key.text : 'the key'
}
