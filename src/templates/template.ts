import Handlebars from 'handlebars'
import { keepalivedWord } from './keepalived-word.ts'
import { shellQuote } from './shell-quote.ts'
import { unitQuote, unitWord } from './unit-quote.ts'

const engine = Handlebars.create()
engine.registerHelper({
  unitWord: (value: string) => unitWord(value),
  unitQuote: (value: string) => unitQuote(value),
  keepalivedWord: (value: string | number) => keepalivedWord(value),
  sh: (value: string) => shellQuote(value),
  concat: (...parts: unknown[]) => parts.slice(0, -1).join(''),
})

/** Compiles a template. A value that is missing is an error, never an empty string; nothing is escaped but by the helpers. */
export function template<Values>(source: string): (values: Values) => string {
  return engine.compile<Values>(source, { noEscape: true, strict: true })
}
