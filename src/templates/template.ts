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

/** Makes a function of a template that the build of keel has compiled (scripts/handlebars.ts). */
export function template<Values>(compiled: TemplateSpecification): (values: Values) => string {
  return engine.template<Values>(compiled)
}
