import type { Slip } from '../slip.ts'
import type { Frame, Step } from './bracket-frame.ts'
import { type Bracket, CLOSER, notClosed } from './bracket-slips.ts'
import { endOfEntry, isSign } from './literals.ts'
import type { Token } from './tokens.ts'

const OPENER: Readonly<Record<string, Bracket>> = { ')': '(', ']': '[', '}': '{' }

/** A closing bracket: of the frame on top, or of none. */
export function closeBracket({ token, stack, unequal, indentOf, before }: Step): Slip | undefined {
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
export function afterInner(all: readonly Token[], open: Token): Slip | undefined {
  const inner = all.findIndex(({ start }) => start === open.end)
  const isTogether = isSign(all[inner], '(', '[', '{')
  const end = isTogether ? all[Math.min(endOfEntry(all, inner), all.length - 1)] : undefined
  if (end === undefined || !isSign(end, ')', ']', '}')) return undefined
  const closer = CLOSER[open.text as Bracket]
  return { offset: end.end, found: `a ${closer} is missing after this ${end.text}`, todo: `write ${end.text}${closer}` }
}
