import { type Document, visit, type YAMLError } from 'yaml'
import { quote } from '../../model/names.ts'
import type { YamlProblem } from './yaml-problem.ts'

/**
 * The first error of the parser in words that tell a user what to do. It never repeats more than one sign of the text.
 */
export function syntaxProblem(error: YAMLError, document: Document.Parsed, text: string): YamlProblem {
  const offset = startOfQuote(error, document) ?? error.pos[0]
  const code = 'inventory-syntax'
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return {
        code,
        offset,
        found: 'a tab as indentation',
        why: 'YAML allows only spaces for indentation',
        todo: 'replace the tab with spaces',
      }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return {
        code,
        offset,
        found: 'a second `key: ` inside a value',
        why: 'a colon with a space after it makes a key',
        todo: 'put the value in quotes, or put the key on its own line, at the same column as its neighbours',
      }
    case 'BAD_SCALAR_START':
      return {
        code,
        offset,
        found: `a value that starts with ${quote(text.charAt(error.pos[0]))}`,
        why: 'this character has a special meaning in YAML',
        todo: 'put the value in quotes',
      }
    case 'MULTILINE_IMPLICIT_KEY':
      return {
        code,
        offset,
        found: 'a key that continues over several lines',
        why: 'a key and its colon must be on one line, with a space after the colon',
        todo: "no space after the colon? write 'role: agent'; else look for a missing colon, or for a line at the wrong column",
      }
    case 'UNEXPECTED_TOKEN':
      return {
        code,
        offset,
        found: 'something that does not fit what is before it',
        todo: 'look for a line at the wrong column, or for an extra character',
      }
    case 'BAD_INDENT':
      return /^Flow/.test(error.message)
        ? {
            code,
            offset,
            found: 'a bracket or brace that is still open here',
            todo: 'close it, or indent its contents',
          }
        : {
            code,
            offset,
            found: 'a line at the wrong column',
            todo: 'put neighbours at the same column',
          }
    case 'MISSING_CHAR':
      if (/quote/.test(error.message)) return { code, offset, found: 'a quoted text without a closing quote' }
      return /^Implicit/.test(error.message)
        ? {
            code,
            offset,
            found: 'a key without a colon',
            todo: 'write `: ` after it, or indent it if it belongs to the line above',
          }
        : { code, offset, found: lowerFirst(error.message), todo: 'look for a missing bracket or comma' }
    case 'BAD_DQ_ESCAPE':
      return {
        code,
        offset,
        found: 'an unknown YAML escape',
        why: 'a backslash in double quotes starts an escape',
        todo: 'use single quotes, where a backslash is a backslash',
      }
    default:
      return { code, offset, found: withoutText(error.message) }
  }
}

/** If the end of a quoted text is missing, the parser reports the end of the file as the place. */
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

/** The parser's own words, without the parts of the file that it repeats, because they may be a secret. */
function withoutText(message: string): string {
  return lowerFirst(message.replace(/:? ["'`][\s\S]*$/, ''))
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
