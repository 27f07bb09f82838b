import Handlebars from 'handlebars/runtime'
import { sh } from './shell-quote.ts'
import { unitArgument, unitQuote, unitWord } from './unit-quote.ts'

const engine = Handlebars.create()
engine.registerHelper({
  unitWord: (value: string) => unitWord(value),
  unitQuote: (value: string) => unitQuote(value),
  unitArgument: (value: string) => unitArgument(value),
  sh: (value: string | readonly string[]) => sh`${value}`,
  concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
})

/**
 * Makes a function of a template that the build of keel has compiled (scripts/handlebars.ts).
 * @param quotes helpers that only this template has: each quotes a value for its format
 */
export function template<Values>(
  compiled: TemplateSpecification,
  quotes: Readonly<Record<string, (value: string | number) => string>> = {},
): (values: Values) => string {
  const make = engine.template<Values>(compiled)
  return (values) => make(values, { helpers: quotes })
}
