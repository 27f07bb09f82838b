import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const src = fileURLToPath(new URL('../../../src/', import.meta.url))

/** Codes that are put together, by their template: where a new one comes, what it can be belongs here. */
const built: Readonly<Record<string, readonly string[]>> = {
  'same-${claim.what}': ['same-name', 'same-address', 'same-node-ip', 'same-key'],
  'foreign-${kind}': ['manifest', 'pod', 'registries', 'containerd', 'kubelet', 'cni'].map((kind) => `foreign-${kind}`),
  '${phase}-failed': ['stage-failed', 'activate-failed', 'verify-failed'],
}

/** A code of a fault, with the places in src/ that have it. */
export type FoundCodes = ReadonlyMap<string, readonly string[]>

/**
 * Every code that a fault can have, read from the source: `code:` in an object, and the argument of a function whose
 * parameter is called `code`. @throws Error for a code that it can't read
 */
export function faultCodes(): FoundCodes {
  const texts = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('butane/') && !name.startsWith('help/'))
    .map((name) => [name, readFileSync(src + name, 'utf8')] as const)
  // two files in three have neither the word nor such a call, and need no parser
  const [withWord, others] = [
    texts.filter(([, text]) => isWord.test(text)),
    texts.filter(([, text]) => !isWord.test(text)),
  ]
  const files = withWord.map(parsed)
  const shared = new Map(files.flatMap((file) => [...parametersOf(file)].filter(([, one]) => one.exported)))
  const calling = others.filter(([, text]) => [...shared.keys()].some((name) => text.includes(`${name}(`)))
  const found = new Map<string, string[]>()
  for (const file of [...files, ...calling.map(parsed)]) {
    const functions = new Map([...shared, ...parametersOf(file)])
    const visit = (node: ts.Node) => {
      for (const value of valuesIn(node, functions))
        for (const code of codesOf(value, file)) found.set(code, [...(found.get(code) ?? []), placeOf(value, file)])
      ts.forEachChild(node, visit)
    }
    visit(file)
  }
  return found
}

const isWord = /\bcode\b/

function parsed([name, text]: readonly [name: string, text: string]): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)
}

interface Taking {
  readonly index: number
  readonly exported: boolean
}

/** The functions of a file with a parameter `code`. */
function parametersOf(file: ts.SourceFile): ReadonlyMap<string, Taking> {
  const taking = new Map<string, Taking>()
  const add = (name: string, fn: ts.FunctionLikeDeclaration, exported: boolean) => {
    const index = fn.parameters.findIndex((one) => one.name.getText() === 'code' && one.type?.getText() === 'string')
    if (index >= 0 && passesOn(fn)) taking.set(name, { index, exported })
  }
  const visit = (node: ts.Node) => {
    if (ts.isFunctionDeclaration(node) && node.name !== undefined)
      add(node.name.text, node, node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false)
    if (ts.isVariableDeclaration(node) && node.initializer !== undefined && ts.isArrowFunction(node.initializer))
      add(node.name.getText(), node.initializer, false)
    ts.forEachChild(node, visit)
  }
  visit(file)
  return taking
}

/** Does it make a fault of its parameter, or give it to a function that does? */
function passesOn(fn: ts.Node): boolean {
  const visit = (node: ts.Node): boolean =>
    (ts.isShorthandPropertyAssignment(node) && node.name.text === 'code') ||
    (ts.isCallExpression(node) && node.arguments.some((one) => one.getText() === 'code')) ||
    (ts.forEachChild(node, visit) ?? false)
  return visit(fn)
}

function valuesIn(node: ts.Node, functions: ReadonlyMap<string, Taking>): readonly ts.Expression[] {
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'code') return [node.initializer]
  if (!ts.isCallExpression(node)) return []
  const argument = node.arguments[functions.get(node.expression.getText())?.index ?? -1]
  return argument === undefined ? [] : [argument]
}

function codesOf(value: ts.Expression, file: ts.SourceFile): readonly string[] {
  if (ts.isStringLiteral(value)) return isCode(value.text) ? [value.text] : []
  if (ts.isConditionalExpression(value)) return [...codesOf(value.whenTrue, file), ...codesOf(value.whenFalse, file)]
  if (ts.isBinaryExpression(value)) return codesOf(value.right, file)
  if (ts.isTemplateExpression(value)) {
    const codes = built[value.getText().slice(1, -1)]
    if (codes === undefined) throw new Error(`${placeOf(value, file)}: a code that test/support/help/ can't read`)
    return codes
  }
  if (ts.isIdentifier(value)) {
    const [, constant] = new RegExp(`const ${value.text} = '([^']*)'`).exec(file.text) ?? []
    return constant === undefined ? [] : [constant]
  }
  return []
}

/** zod's own code for a check of ours, and the system's (`ENOENT`), are none. */
function isCode(text: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(text) && text !== 'custom'
}

function placeOf(node: ts.Node, file: ts.SourceFile): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}
