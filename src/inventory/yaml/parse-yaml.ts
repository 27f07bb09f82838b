import { type Document, isScalar, LineCounter, parseAllDocuments, visit, type YAMLError } from 'yaml'
import type { Fault } from '../../errors.ts'
import { quote } from '../../model/names.ts'
import { type Placed, placeNodes } from './place-nodes.ts'

/** What is wrong with a YAML text itself, and the offset it stands at. */
export interface YamlProblem extends Omit<Fault, 'at'> {
  readonly offset: number
}

export interface YamlText {
  /** Absent where the text can't be read at all. */
  readonly root?: Placed
  readonly problems: readonly YamlProblem[]
  /** `line:column` of an offset, both from 1, as editors count them. */
  readonly place: (offset: number) => string
}

/**
 * One document of YAML 1.2 (core schema: `yes` and `0o644` are no booleans and no texts), anchors, aliases and merge keys resolved.
 * Never throws, whatever the text.
 */
export function parseYaml(text: string): YamlText {
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  try {
    const documents = parseAllDocuments(text, {
      version: '1.2',
      schema: 'core',
      merge: false,
      // both are found by place-nodes.ts, with better words and in linear time
      uniqueKeys: false,
      prettyErrors: false,
      lineCounter: lines,
      logLevel: 'silent',
    })
    const first = 'empty' in documents ? undefined : documents[0]
    if (first === undefined) return { problems: [{ ...EMPTY, offset: 0 }], place }
    const [error] = first.errors
    // what follows the first error of a syntax is mostly its echo
    if (error !== undefined) return { problems: [fromSyntax(error, first, text)], place }
    if (first.contents === null || (isScalar(first.contents) && first.contents.value === null && first.contents.source === ''))
      return { problems: [{ ...EMPTY, offset: 0 }], place }
    const { root, problems } = placeNodes(first.contents)
    return { root, problems: [...versionProblem(first), ...problems, ...moreDocuments(documents.slice(1))], place }
  } catch (error) {
    // the parser recurses into every level of nesting
    if (!(error instanceof RangeError)) throw error
    return { problems: [{ code: 'yaml-depth', offset: 0, found: 'values nested too deeply to be read' }], place }
  }
}

const EMPTY = { code: 'yaml-empty', found: 'the file says nothing', todo: 'write `{}` where every default is meant' }

function moreDocuments(others: readonly Document.Parsed[]): YamlProblem[] {
  const [second] = others
  if (second === undefined) return []
  return [
    {
      code: 'yaml-documents',
      offset: second.range[0],
      found: 'a second document',
      why: 'one file defines one thing, and all behind `---` would be ignored',
      todo: 'move it into a file of its own',
    },
  ]
}

function versionProblem({ directives }: Document.Parsed): YamlProblem[] {
  const { explicit, version } = directives.yaml
  if (explicit !== true || version === '1.2') return []
  return [
    {
      code: 'yaml-version',
      offset: 0,
      found: `%YAML ${version}`,
      why: 'the inventory is YAML 1.2, where `yes` is a text and 010 is ten',
      todo: 'take the line away',
    },
  ]
}

function fromSyntax(error: YAMLError, document: Document.Parsed, text: string): YamlProblem {
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
        todo: 'put the value in quotes, or the key on a line of its own',
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
      return { code, offset, found: lowerFirst(error.message), todo: 'let what belongs together stand at one column' }
    case 'MISSING_CHAR':
      return /quote/.test(error.message)
        ? { code, offset, found: 'a text in quotes that does not end' }
        : { code, offset, found: lowerFirst(error.message), todo: 'look for a missing `: ` or a bracket that is not closed' }
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
