import type { Slip } from '../slip.ts'
import type { Frame, Kind, Step } from './bracket-frame.ts'
import {
  type Bracket,
  dashForColon,
  missingBrace,
  missingColon,
  missingComma,
  notClosed,
  semicolon,
  stray,
  unquotedKey,
  wordOf,
} from './bracket-slips.ts'
import { afterInner, closeBracket } from './close-bracket.ts'
import { lineIndents } from './line-indents.ts'
import { isSign } from './literals.ts'
import type { Token } from './tokens.ts'

/** Words between two operands, or before one. */
const OPERATORS = new Set(
  'as satisfies in of instanceof typeof void delete new await yield return default async extends keyof is readonly type'.split(
    ' ',
  ),
)
const MODIFIERS = new Set(['async', 'get', 'set', 'static'])

/** The first place at which brackets, keys, commas and colons can't be right. */
export function scanBrackets(all: readonly Token[], source: string): Slip | undefined {
  const stack: Frame[] = []
  const unequal: Token[] = []
  const indentOf = lineIndents(source)
  for (const [index, token] of all.entries()) {
    const slip = step({ all, index, token, before: all[index - 1], stack, unequal, source, indentOf })
    if (slip !== undefined) return slip
  }
  const open = stack.at(-1)
  if (open === undefined) return undefined
  if (unequal[0] !== undefined) return notClosed(unequal[0])
  return afterInner(all, open.open) ?? notClosed(open.open)
}

function step(now: Step): Slip | undefined {
  const { token, stack } = now
  const top = stack.at(-1)
  if (isSign(token, ')', ']', '}')) return closeBracket(now)
  const slip = top === undefined ? statement(now) : within(now, top)
  if (slip !== undefined) return slip
  if (isSign(token, '(', '[', '{')) {
    const bracket = token.text as Bracket
    const indent = now.indentOf(token.start).width
    stack.push({ kind: kindOf(now, top), open: token, bracket, indent, phase: 'key', ternaries: 0 })
    if (top?.kind === 'object' && top.phase === 'after-key' && bracket === '(') top.phase = 'method'
  }
  return undefined
}

/** `export default defineHost {` */
function statement({ all, index, token, before }: Step): Slip | undefined {
  const two = all[index - 2]
  if (!isSign(token, '{') || before?.kind !== 'word' || two?.text !== 'default') return undefined
  return before.text === 'class'
    ? undefined
    : { offset: token.start, found: 'a ( is missing before this {', todo: `write ${before.text}({` }
}

function within(now: Step, top: Frame): Slip | undefined {
  const { token, before, all, index } = now
  switch (top.kind) {
    case 'object':
      return inObject(now, top)
    case 'list':
    case 'call': {
      if (isSign(token, ',')) {
        const isStray = isSign(before, ',') || (top.kind === 'call' && before === top.open)
        return isStray ? stray(token) : undefined
      }
      const isKey = isSign(all[index + 1], ':') && token.kind !== 'sign' && (before === top.open || isSign(before, ','))
      if (isKey && top.ternaries === 0)
        return {
          offset: top.open.start,
          found: `a { is missing after this ${top.bracket}`,
          todo: `write ${top.bracket}{`,
        }
      return operand(now, top)
    }
    case 'names':
      return token.kind !== 'sign' &&
        before?.kind === 'word' &&
        ![before.text, token.text].some((word) => OPERATORS.has(word))
        ? missingComma(before)
        : undefined
    default:
      return undefined
  }
}

function inObject(now: Step, top: Frame): Slip | undefined {
  const { token, before, all, index } = now
  switch (top.phase) {
    case 'key':
      if (isSign(token, ',')) return stray(token)
      if (isSign(token, '.')) top.phase = 'value'
      else if (isSign(token, '{', '('))
        return {
          offset: token.start,
          found: `a key is missing before this ${token.text}`,
          todo: 'write `key: ` before it',
        }
      else if (isSign(token, ':'))
        return { offset: token.start, found: 'a key is missing before this colon', todo: 'write it' }
      else top.phase = 'after-key'
      return undefined
    case 'after-key':
      if (isSign(token, ',')) top.phase = 'key'
      else if (isSign(token, ':')) top.phase = 'value'
      else if (isSign(token, '=') && !isSign(all[index + 1], '>'))
        return { offset: token.start, found: '= instead of a colon', todo: `write ${wordOf(before)}: ` }
      else if (isSign(token, ';')) return semicolon(token)
      else if (isModified(before, token)) return undefined
      else if (isSign(token, '-', '.', '/')) return unquotedKey(before, now.source) ?? dashForColon(before, token)
      else if (token.kind !== 'sign' || isSign(token, '{', '[', '`')) return missingColon(before, token)
      return undefined
    case 'method':
      if (isSign(before, '}')) {
        top.phase = 'value'
        return inObject(now, top)
      }
      return undefined
    case 'value':
      if (isSign(token, ',')) {
        if (isSign(before, ':'))
          return { offset: token.start, found: 'a value is missing before this comma', todo: 'write it' }
        top.phase = 'key'
        top.ternaries = 0
      } else if (isSign(token, ';')) return semicolon(token)
      else if (isSign(token, ':')) {
        if (top.ternaries === 0 && isSign(all[index - 2], ':')) return missingBrace(all[index - 2])
        if (top.ternaries === 0)
          return {
            offset: token.start,
            found: 'a second colon in one entry',
            todo: 'a comma, or a { around an object, is likely missing before this key',
          }
        top.ternaries--
      }
      return operand(now, top)
  }
}

/** Two operands without an operator or a comma between them. */
function operand({ token, before, all, index }: Step, top: Frame): Slip | undefined {
  if (isSign(token, '?') && !isSign(all[index + 1], '.', '?') && !isSign(before, '?')) top.ternaries++
  if (before === undefined || before === top.open || !endsOperand(before, all[index - 2])) return undefined
  const begins =
    (token.kind !== 'sign' && !OPERATORS.has(token.text)) ||
    (isSign(token, '{') && before.kind !== 'sign') ||
    (isSign(token, '{') && isSign(before, '}', ']')) ||
    (isSign(token, '.') && isSign(all[index + 1], '.') && isSign(all[index + 2], '.'))
  // a function's body, and words that begin one
  if (before.kind === 'word' && ['function', 'class'].includes(before.text)) return undefined
  return begins ? missingComma(before) : undefined
}

function endsOperand(token: Token, before: Token | undefined): boolean {
  if (token.kind === 'text') return true
  if (token.kind === 'word') return !OPERATORS.has(token.text) || isSign(before, '.')
  return isSign(token, ')', ']', '}') || token.text.length > 1
}

function isModified(before: Token | undefined, token: Token): boolean {
  return before?.kind === 'word' && MODIFIERS.has(before.text) && token.kind !== 'sign'
}

function kindOf({ token, before, all, index }: Step, top: Frame | undefined): Kind {
  if (token.text === '[') return top?.kind === 'object' && top.phase === 'after-key' ? 'computed' : 'list'
  if (token.text === '(') {
    const isCall =
      before?.kind === 'word' &&
      all[index - 2]?.text !== 'function' &&
      !(top?.kind === 'object' && top.phase !== 'value')
    return isCall && !OPERATORS.has(before.text) ? 'call' : 'parameters'
  }
  if (before === undefined || top?.kind === 'block' || top?.kind === 'names' || top?.kind === 'parameters')
    return 'block'
  if (isSign(before, '>', ')')) return 'block'
  if (top?.kind === 'object' && top.phase === 'method') return 'block'
  if (before.kind === 'word') {
    if (
      before.text === 'import' ||
      before.text === 'export' ||
      (before.text === 'type' && all[index - 2]?.text === 'import')
    )
      return 'names'
    return before.text === 'return' || before.text === 'default' ? 'object' : 'block'
  }
  return top === undefined && isSign(before, ':') ? 'block' : 'object'
}
