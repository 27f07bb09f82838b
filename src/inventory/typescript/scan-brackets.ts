import type { Slip } from '../slip.ts'
import { type Indent, lineIndents } from './line-indents.ts'
import { endOfEntry, isSign } from './literals.ts'
import type { Token } from './tokens.ts'

type Bracket = '(' | '[' | '{'
const OPENER: Readonly<Record<string, Bracket>> = { ')': '(', ']': '[', '}': '{' }
const CLOSER = { '(': ')', '[': ']', '{': '}' } as const

/** `names`: of an import. `block`: statements, types, and all else that is only looked through for brackets. */
type Kind = 'object' | 'list' | 'call' | 'parameters' | 'names' | 'block' | 'computed'

interface Frame {
  readonly kind: Kind
  readonly open: Token
  readonly bracket: Bracket
  /** The width of its line's indent. */
  readonly indent: number
  /** What comes next in an object. */
  phase: 'key' | 'after-key' | 'value' | 'method'
  /** Question marks that wait for their colon. */
  ternaries: number
}

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

interface Step {
  readonly all: readonly Token[]
  readonly index: number
  readonly token: Token
  readonly before: Token | undefined
  readonly stack: Frame[]
  /** Brackets whose closing one begins a line further left than theirs: it was meant for another. */
  readonly unequal: Token[]
  readonly source: string
  readonly indentOf: (offset: number) => Indent
}

function step(now: Step): Slip | undefined {
  const { token, stack } = now
  const top = stack.at(-1)
  if (isSign(token, ')', ']', '}')) return close(now)
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

function close({ token, stack, unequal, indentOf, before }: Step): Slip | undefined {
  const top = stack.at(-1)
  if (top === undefined) {
    const [other] = unequal
    return other === undefined
      ? {
          offset: token.start,
          found: `a ${token.text} that closes nothing`,
          todo: 'delete it, or write the bracket that it closes',
        }
      : notClosed(other)
  }
  if (top.bracket !== OPENER[token.text]) return mismatch(token, top, stack, unequal)
  if (before !== undefined && top.kind === 'object' && top.phase === 'value' && isSign(before, ':'))
    return { offset: before.start, found: 'a value is missing after this colon', todo: 'write it' }
  stack.pop()
  const { width, isFirst } = indentOf(token.start)
  if (isFirst && width < top.indent) unequal.push(top.open)
  return undefined
}

function mismatch(token: Token, top: Frame, stack: readonly Frame[], unequal: readonly Token[]): Slip {
  const isOpen = stack.some(({ bracket }) => bracket === OPENER[token.text])
  const [other] = unequal
  if (other !== undefined) return notClosed(other)
  // `({ … )`: both end here
  if (stack.at(-2)?.bracket === OPENER[token.text] && stack.at(-2)?.open.end === top.open.start)
    return {
      offset: token.start,
      found: `a ${CLOSER[top.bracket]} is missing before this ${token.text}`,
      todo: `write ${CLOSER[top.bracket]}${token.text}`,
    }
  if (isOpen) return notClosed(top.open)
  return {
    offset: token.start,
    found: `${token.text} where ${CLOSER[top.bracket]} is expected`,
    todo: `write ${CLOSER[top.bracket]}`,
  }
}

/** `({ … }` at the end of the file: the bracket belongs behind the one that was opened together with it. */
function afterInner(all: readonly Token[], open: Token): Slip | undefined {
  const inner = all.findIndex(({ start }) => start === open.end)
  const isTogether = isSign(all[inner], '(', '[', '{')
  const end = isTogether ? all[Math.min(endOfEntry(all, inner), all.length - 1)] : undefined
  if (end === undefined || !isSign(end, ')', ']', '}')) return undefined
  const closer = CLOSER[open.text as Bracket]
  return { offset: end.end, found: `a ${closer} is missing after this ${end.text}`, todo: `write ${end.text}${closer}` }
}

function missingBrace(colon: Token | undefined): Slip | undefined {
  return colon && { offset: colon.end, found: 'a { is missing after this colon', todo: 'write : {' }
}

function notClosed({ start, text }: Token): Slip {
  return {
    offset: start,
    found: `a ${text} that nothing closes`,
    todo: `write ${CLOSER[text as Bracket]} at the end of what it begins`,
  }
}

function stray({ start }: Token): Slip {
  return { offset: start, found: 'a comma with nothing before it', todo: 'delete it' }
}

function semicolon({ start }: Token): Slip {
  return { offset: start, found: 'a semicolon between the entries of an object', todo: 'write a comma' }
}

function missingComma({ end }: Token): Slip {
  return { offset: end, found: 'a comma is missing after this', todo: 'write a comma' }
}

function missingColon(key: Token | undefined, token: Token): Slip {
  return {
    offset: key?.end ?? token.start,
    found: `a colon is missing after ${wordOf(key)}`,
    todo: `write ${wordOf(key)}: `,
  }
}

const NAMES_IN_ONE = /[\p{L}\p{N}_$]+(?:[-./][\p{L}\p{N}_$]+)+(?=\s*:)/uy

/** `secrets-encryption: true`: TypeScript reads a subtraction. */
function unquotedKey(key: Token | undefined, source: string): Slip | undefined {
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

function dashForColon(key: Token | undefined, token: Token): Slip | undefined {
  return isSign(token, '-') ? missingColon(key, token) : undefined
}

/** The key in front of a mistake. Keys are no secrets, but a wrong file may have one in its place. */
function wordOf(key: Token | undefined): string {
  return key?.kind === 'word' && key.text.length <= 40 ? key.text : 'the key'
}
