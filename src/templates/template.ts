import Handlebars from 'handlebars/runtime'
import { keepalivedWord } from './keepalived-word.ts'
import { sh } from './shell-quote.ts'
import { unitArgument, unitQuote, unitWord } from './unit-quote.ts'

const engine = Handlebars.create()
engine.registerHelper({
  unitWord: (value: string) => unitWord(value),
  unitQuote: (value: string) => unitQuote(value),
  unitArgument: (value: string) => unitArgument(value),
  keepalivedWord: (value: string | number) => keepalivedWord(value),
  sh: (value: string | readonly string[]) => sh`${value}`,
  concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
})

/** Makes a template usable; it was compiled when keel was built (scripts/handlebars.ts). */
export function template<Values>(compiled: TemplateSpecification): (values: Values) => string {
  return engine.template<Values>(compiled)
}
