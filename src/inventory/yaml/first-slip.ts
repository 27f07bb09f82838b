import { CURLY_QUOTES, conflictSlip, curlyQuoteSlip, type Slip } from '../slip.ts'
import { type ContentLine, contentLines } from './content-lines.ts'
import { missingComma } from './missing-comma.ts'
import { tightKey } from './tight-key.ts'

/** The files of an inventory have a few kilobytes, manifests included. */
const MOST = 1 << 18

/**
 * Where a YAML file with a syntax error likely went wrong: the first suspicious line, at or before the one that the
 * parser reports. Undefined if no line is suspicious.
 * @param offset that the parser reports
 * @param isAboutColumns whether it found a line at a wrong column
 */
export function firstSlip(text: string, offset: number, isAboutColumns: boolean): Slip | undefined {
  if (text.length > MOST) return undefined
  const all = contentLines(text)
  const lineEnd = text.indexOf('\n', offset)
  const last = lineEnd === -1 ? text.length : lineEnd
  const lines = all.filter(({ start }) => start <= last)
  const conflict = conflictSlip(text.slice(0, last))
  for (const [index, line] of lines.entries()) {
    if (conflict !== undefined && conflict.offset <= line.start) return conflict
    const slip = slipIn(line, lines[index - 1], all[index + 1])
    if (slip !== undefined) return slip
  }
  return conflict ?? (isAboutColumns ? oddIndent(all, lines) : undefined)
}

/** A space too few or too many, in a file whose other lines have an even number of them. */
function oddIndent(all: readonly ContentLine[], lines: readonly ContentLine[]): Slip | undefined {
  const isOdd = ({ indent }: ContentLine) => indent % 2 === 1
  const odd = lines.find(isOdd)
  if (odd === undefined || 2 * all.filter(isOdd).length >= all.filter(({ indent }) => indent > 0).length)
    return undefined
  const spaces = odd.indent === 1 ? 'one space' : `${odd.indent} spaces`
  return {
    offset: odd.start,
    found: `${spaces} before this, where other lines have an even number`,
    todo: 'put it at the same column as its neighbours',
  }
}

const KEY = /^(?:- +)*(?:[\w./-]+|"[^"]*"|'[^']*')(?=:(?: |$))/

function slipIn(line: ContentLine, before: ContentLine | undefined, after: ContentLine | undefined): Slip | undefined {
  const { text, start } = line
  const at = (offset: number) => start + offset
  // a tab is a fault of its own (syntax-problem.ts)
  const quote = openQuote(text)
  if (quote !== undefined && (after === undefined || KEY.test(after.text) || after.text.startsWith('- ')))
    return {
      offset: at(quote),
      found: 'a quoted text without a closing quote',
      todo: `write ${text[quote]} at its end`,
    }
  const value = /^(?:- +)*(?:[\w./-]+: +)?/.exec(text)?.[0].length ?? 0
  if (CURLY_QUOTES.test(text[value] ?? '')) return curlyQuoteSlip(at(value))
  const bracket = openBracket(text)
  if (bracket !== undefined && (after === undefined || (after.indent <= line.indent && KEY.test(after.text))))
    return {
      offset: at(bracket),
      found: `a ${text[bracket]} that nothing closes`,
      todo: `write ${text[bracket] === '[' ? ']' : '}'} at its end`,
    }
  const comma = missingComma(text)
  if (comma !== undefined) return { offset: at(comma), found: 'a comma is missing after this', todo: 'write a comma' }
  const tight = tightKey(text)
  if (tight !== undefined)
    return { offset: start, found: `no space after the colon of ${tight}`, todo: `write '${tight}: '` }
  const dash = /^-(?=[^\s-])/.test(text) && (before?.text.startsWith('- ') || before?.text.endsWith(':'))
  if (dash) return { offset: start, found: 'no space after the dash of a list', todo: `write '- '` }
  const equals = /^([A-Za-z][\w-]*) *= */.exec(text)
  if (equals !== null && !KEY.test(text))
    return { offset: start, found: `= instead of a colon after ${equals[1]}`, todo: `write '${equals[1]}: '` }
  return undefined
}

/** The offset of a quote that begins a value and has no end on its line. */
function openQuote(text: string): number | undefined {
  let quote: number | undefined
  for (let at = 0; at < text.length; at++) {
    const one = text[at]
    if (quote !== undefined) {
      if (text[quote] === '"' && one === '\\') at++
      else if (one === text[quote]) quote = undefined
    } else if ((one === '"' || one === "'") && /(?:^|[\s[{,(])$/.test(text.slice(Math.max(0, at - 1), at))) quote = at
  }
  return quote
}

/** The offset of the innermost bracket of a flow list or map that has no end on its line. */
function openBracket(text: string): number | undefined {
  const open: number[] = []
  let quote = ''
  for (let at = 0; at < text.length; at++) {
    const one = text[at] ?? ''
    if (quote !== '') {
      if (quote === '"' && one === '\\') at++
      else if (one === quote) quote = ''
    } else if ((one === '"' || one === "'") && /[\s[{,]/.test(text[at - 1] ?? ' ')) quote = one
    else if ((one === '[' || one === '{') && (open.length > 0 || /[\s]/.test(text[at - 1] ?? ' '))) open.push(at)
    else if ((one === ']' || one === '}') && open.length > 0) open.pop()
  }
  return open.at(-1)
}
