import { Composer, type CST, type Document, isScalar, Lexer, LineCounter, Parser } from 'yaml'
import { firstSlip } from './first-slip.ts'
import { type Placed, placeNodes } from './place-nodes.ts'
import { syntaxProblem } from './syntax-problem.ts'
import type { YamlProblem } from './yaml-problem.ts'

export interface YamlText {
  /** Absent if the text can't be read at all. */
  readonly root?: Placed
  readonly problems: readonly YamlProblem[]
  /** `line:column` of an offset, both from 1, as in editors. */
  readonly place: (offset: number) => string
}

export interface YamlDocuments {
  readonly documents: readonly Document.Parsed[]
  /** The problem of the first document that can't be read. */
  readonly problem?: YamlProblem
  readonly place: YamlText['place']
}

/** All documents of a YAML 1.2 text (core schema). Never throws, for any text. */
export function parseDocuments(text: string): YamlDocuments {
  if (hasTooManyBrackets(text)) return { documents: [], problem: TOO_MANY, place: () => '1:1' }
  const lines = new LineCounter()
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${Math.max(line, 1)}:${Math.max(col, 1)}`
  }
  const { tree, tooDeep } = treeOf(text, lines)
  if (tooDeep !== undefined) return { documents: [], problem: { ...TOO_DEEP, offset: tooDeep }, place }
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    merge: false,
    // place-nodes.ts finds these, with better words and in linear time
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  })
  const documents = [...composer.compose(tree)]
  const wrong = documents.find(({ errors }) => errors.length > 0)
  // later syntax errors mostly follow from the first one
  const [error] = wrong?.errors ?? []
  if (wrong === undefined || error === undefined) return { documents, place }
  return {
    documents,
    place,
    problem: likelier(text, syntaxProblem(error, wrong, text), error.code === 'BAD_INDENT', place),
  }
}

/** The parser reports where it gave up. The mistake may be lines before that. */
function likelier(text: string, problem: YamlProblem, isAboutColumns: boolean, place: YamlText['place']): YamlProblem {
  const slip = firstSlip(text, problem.offset, isAboutColumns)
  if (slip === undefined) return problem
  const line = ({ offset }: { readonly offset: number }) => place(offset).split(':')[0]
  return {
    code: problem.code,
    ...slip,
    found: `${slip.found} (likely)`,
    ...(line(slip) === line(problem)
      ? {}
      : { why: `the file is not valid YAML: line ${line(problem)} has ${problem.found}` }),
  }
}

/**
 * The composer calls itself for every level, and the stack of the engine ends after about 800 (measured). Kubernetes'
 * own manifests have a few dozen levels.
 */
const MOST_LEVELS = 256

const TOO_DEEP = {
  code: 'yaml-depth',
  found: `values nested more than ${MOST_LEVELS} levels deep`,
  todo: 'look for a bracket or brace that is not closed',
}

/** The structure of the text, built level by level; or where it has more levels than the composer supports. */
function treeOf(text: string, lines: LineCounter): { readonly tree: readonly CST.Token[]; readonly tooDeep?: number } {
  const parser = new Parser(lines.addNewLine)
  lines.addNewLine(0)
  const tree: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tree.push(...parser.next(lexeme))
    if (parser.stack.length > MOST_LEVELS) return { tree, tooDeep: parser.offset - lexeme.length }
  }
  tree.push(...parser.end())
  return { tree }
}

/** The parser needs a kilobyte of memory for each. */
const MOST_BRACKETS = 500_000

const TOO_MANY = { code: 'yaml-depth', offset: 0, found: `more than ${MOST_BRACKETS} brackets and braces` }

function hasTooManyBrackets(text: string): boolean {
  if (text.length <= MOST_BRACKETS) return false
  let count = 0
  for (let at = 0; at < text.length; at++) if (text[at] === '[' || text[at] === '{') count++
  return count > MOST_BRACKETS
}

/**
 * The one document of an inventory's file as plain values: `yes` is a text, 0644 a number. Anchors, aliases and merge
 * keys are resolved.
 */
export function parseYaml(text: string): YamlText {
  const { documents, problem, place } = parseDocuments(text)
  if (problem !== undefined) return { problems: [problem], place }
  const [first, ...others] = documents
  if (first === undefined || first.contents === null || isNothing(first))
    return { problems: [{ ...EMPTY, offset: 0 }], place }
  const { root, problems } = placeNodes(first.contents)
  return { root, problems: [...versionProblem(first), ...problems, ...moreDocuments(others)], place }
}

/** Only comments, or a marker without content. */
export function isNothing({ contents }: Document.Parsed): boolean {
  return contents === null || (isScalar(contents) && contents.value === null && contents.source === '')
}

const EMPTY = { code: 'yaml-empty', found: 'the file is empty', todo: 'write `{}` to use every default' }

function moreDocuments(others: readonly Document.Parsed[]): YamlProblem[] {
  const [second] = others
  if (second === undefined) return []
  return [
    {
      code: 'yaml-documents',
      offset: second.range[0],
      found: 'a second document',
      why: 'a file contains one definition, and keel would ignore everything after `---`',
      todo: 'move it into its own file',
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
      todo: 'remove the line',
    },
  ]
}
