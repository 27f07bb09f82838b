import { type Document, visit, type YAMLError } from 'yaml'
import { quote } from '../../model/names.ts'
import type { YamlProblem } from './yaml-problem.ts'

/** The parser's first error in words a user can act on; never repeating more of the text than one sign. */
export function syntaxProblem(error: YAMLError, document: Document.Parsed, text: string): YamlProblem {
  const offset = startOfQuote(error, document) ?? error.pos[0]
  const code = 'inventory-syntax'
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return { code, offset, found: 'a tab as indentation', why: 'YAML indents by spaces alone', todo: 'put spaces there' }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        code,
        offset,
        found: 'a second `key: ` inside a value',
        why: 'a colon with a space behind it makes a key',
        todo: 'put the value in quotes, or the key on a line of its own, at the column of its neighbours',
      }
    case 'BAD_SCALAR_START':
      return {
        code,
        offset,
        found: `a value that starts with ${quote(text.charAt(error.pos[0]))}`,
        why: 'YAML keeps that sign for itself',
        todo: 'put the value in quotes',
      }
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        code,
        offset,
        found: 'a key of several lines',
        why: 'a key and its colon stand on one line',
        todo: 'look for a missing colon, or for a line that stands at another column than those before it',
      }
    case 'UNEXPECTED_TOKEN':
      return {
        code,
        offset,
        found: 'something that does not belong to what stands before it',
        todo: 'look for a line that stands at another column than those before it, or for a sign too many',
      }
    case 'BAD_INDENT':
      return /^Flow/.test(error.message)
        ? { code, offset, found: 'a bracket or brace that is still open here', todo: 'close it, or indent what belongs into it' }
        : {
            code,
            offset,
            found: 'a line at another column than those that it belongs to',
            todo: 'let neighbours stand at one column',
          }
    case 'MISSING_CHAR':
      if (/quote/.test(error.message)) return { code, offset, found: 'a text in quotes that does not end' }
      return /^Implicit/.test(error.message)
        ? {
            code,
            offset,
            found: 'a key without a colon',
            todo: 'put `: ` behind it, or indent it if it belongs to what is above',
          }
        : { code, offset, found: lowerFirst(error.message), todo: 'look for a bracket or comma that is missing' }
    case 'BAD_DQ_ESCAPE':
      return {
        code,
        offset,
        found: 'an escape that YAML does not know',
        why: 'a backslash in double quotes starts one',
        todo: 'use single quotes, where a backslash is a backslash',
      }
    default:
      return { code, offset, found: withoutText(error.message) }
  }
}

/** The parser tells where the end of a quoted text is missing, which is the end of the file. */
function startOfQuote(error: YAMLError, document: Document.Parsed): number | undefined {
  if (error.code !== 'MISSING_CHAR' || !/quote/.test(error.message)) return undefined
  let start: number | undefined
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith('QUOTE') === true && range?.[1] === error.pos[0]) start = range[0]
    },
  })
  return start
}

/** The parser's own words, without what it repeats of the file: that may be a secret. */
function withoutText(message: string): string {
  return lowerFirst(message.replace(/:? ["'`][\s\S]*$/, ''))
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
