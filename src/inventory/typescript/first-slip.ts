import { CURLY_QUOTES, conflictSlip, curlyQuoteSlip, type Slip } from '../slip.ts'
import { isSign } from './literals.ts'
import { scanBrackets } from './scan-brackets.ts'
import { type Token, tokensIfShort } from './tokens.ts'

/**
 * Where a TypeScript file with a syntax error likely went wrong, at or before the line at which a parser gave up: that
 * is often a later one. It looks at quotes, brackets, and the keys, commas and colons of objects, lists and calls,
 * which is what an inventory consists of. Undefined if nothing is found.
 * @param line at which the parser gave up, from 1
 */
export function firstSlip(source: string, line: number): Slip | undefined {
  const all = tokensIfShort(source)
  if (all === undefined) return undefined
  const lineOf = ({ offset }: Slip) => source.slice(0, offset).split('\n').length
  const slips = [conflictSlip(source), quoteSlip(all), scanBrackets(all, source)].filter((slip) => slip !== undefined)
  // of one line the quote comes first: what follows it is read as code
  return slips.filter((slip) => lineOf(slip) <= line).toSorted((a, b) => lineOf(a) - lineOf(b))[0]
}

/** A quote that nothing closes on its line. The tokens contain it as a sign. */
function quoteSlip(all: readonly Token[]): Slip | undefined {
  const quote = all.find(
    (token) => isSign(token, "'", '"', '`') || (token.kind === 'sign' && CURLY_QUOTES.test(token.text)),
  )
  if (quote === undefined) return undefined
  if (CURLY_QUOTES.test(quote.text)) return curlyQuoteSlip(quote.start)
  return {
    offset: quote.start,
    found: quote.text === '`' ? 'a template without its second `' : `a text with one quote only: ${quote.text}`,
    todo: `write the other ${quote.text} at the beginning or the end of the text`,
  }
}
