import { pathToFileURL } from 'node:url'
import { type Fault, KeelError } from '../../errors.ts'
import { firstSlip } from './first-slip.ts'
import { frameIn, type Imported } from './import-fresh.ts'
import { isSign } from './literals.ts'
import { inventoryPath, placesIn, readText } from './place.ts'
import { type Token, tokensIfShort } from './tokens.ts'
import { undefinedName, unknownExport } from './unknown-name.ts'

/** Why a file of the inventory could not be imported, and the line that causes it. */
export function importFault(
  directory: string,
  { file, error, lastRead }: Extract<Imported, { error: unknown }>,
): Fault {
  // a file that keel refuses to read: a link, a pipe, a file without end
  if (error instanceof KeelError) return error
  if (!(error instanceof Error)) {
    return { code: 'inventory-exception', at: `${file}:1:1`, found: 'it throws a value that is not an Error' }
  }
  const message = withoutUrls(firstLine(error.message))
  if ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND') return notFound(directory, file, error.message)
  const place = placeOf(directory, file, error, lastRead)
  if (error instanceof SyntaxError)
    return syntaxFault(directory, place, message, 'code' in error ? error.code : undefined)
  const todo = error instanceof ReferenceError ? undefinedName(message, codeAt(directory, place)) : undefined
  return {
    code: 'inventory-exception',
    at: place,
    found: `it throws ${error.name}: ${message}`,
    ...(todo === undefined ? {} : { todo }),
  }
}

function syntaxFault(directory: string, at: string, message: string, code: unknown): Fault {
  if (/does not provide an export named/.test(message)) {
    const todo = unknownExport(message)
    return { code: 'inventory-import', at, found: message, ...(todo === undefined ? {} : { todo }) }
  }
  if (code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX') {
    return {
      code: 'inventory-syntax',
      at,
      found: message,
      why: "types are stripped, not compiled: enum, namespace and parameter properties can't be",
      todo: 'set erasableSyntaxOnly in tsconfig.json to see it in the editor',
    }
  }
  return slipFault(directory, at, message) ?? { code: 'inventory-syntax', at, found: message }
}

/** What the code has from a place on, `path:line:column`. */
function codeAt(directory: string, at: string): string {
  const [, path = '', line = '', column = ''] = /^(.*?):(\d+):(\d+)$/.exec(at) ?? []
  return readText(directory, path)
    .split('\n')
    .slice(Number(line) - 1)
    .join('\n')
    .slice(Number(column) - 1)
}

/** A parser reports where it gave up. The mistake may be lines before that. Of some faults V8 gives no place at all. */
function slipFault(directory: string, at: string, message: string): Fault | undefined {
  const [, path = '', line = '', column] = /^(.*?):(\d+)(?::(\d+))?$/.exec(at) ?? []
  const isPlace = line !== '1' || column !== '1'
  const text = readText(directory, path)
  const slip = firstSlip(text, isPlace ? Number(line) : Number.POSITIVE_INFINITY)
  if (slip === undefined) return undefined
  return {
    code: 'inventory-syntax',
    at: `${path}:${placesIn(text)(slip.offset)}`,
    found: `${slip.found} (likely)`,
    why: `not valid TypeScript: ${isPlace ? `Node stopped at line ${line}: ` : ''}${message}`,
    todo: slip.todo,
  }
}

/** Node names both files in the message: `Cannot find module 'X' imported from Y`. */
function notFound(directory: string, file: string, message: string): Fault {
  const [, wanted = '', importer] = /'([^']*)' imported from (\S.*)$/m.exec(message) ?? []
  const path = importer === undefined ? file : inventoryPath(directory, { url: asUrl(importer) })
  const last = wanted.split('/').at(-1) ?? wanted
  const text = readText(directory, path)
  const all = tokensIfShort(text) ?? []
  const name = all.find((token, at) => isImportOf(token, all[at - 1]) && token.text.endsWith(last))
  const isPackage = message.includes('find package')
  return {
    code: 'inventory-import',
    at: `${path}:${placesIn(text)(name?.start ?? 0)}`,
    found: isPackage ? `there is no package '${wanted}'` : `there is no file '${name?.text ?? wanted}'`,
    ...(isPackage
      ? { todo: 'only the package keel is always available; install this one beside secrets.ts' }
      : { todo: 'write relative imports with the file extension: ./common.ts' }),
  }
}

function isImportOf(token: Token, before: Token | undefined): boolean {
  return token.kind === 'text' && (before?.text === 'from' || before?.text === 'import' || isSign(before, '('))
}

const DECLARES = new Set(['const', 'let', 'var', 'function', 'class'])

function placeOf(directory: string, file: string, error: Error, lastRead: string): string {
  const stack = error.stack ?? ''
  const frame = frameIn(stack)
  if (frame !== undefined) return `${inventoryPath(directory, frame)}:${frame.line}:${frame.column}`
  // for TypeScript that Node can't strip, `path:line` is at the beginning of the stack
  const [, head, line] = /^((?:file:\/\/)?\/[^\n]*?):(\d+)\n/.exec(stack) ?? []
  if (head !== undefined) return `${inventoryPath(directory, { url: asUrl(head) })}:${line}`
  // V8 gives no place for faults that only its own parser finds (a name that is declared twice), so this uses the last
  // declaration of that name
  const path = lastRead === '' ? file : inventoryPath(directory, { url: lastRead })
  const text = readText(directory, path)
  const name = /'([^']+)'/.exec(error.message)?.[1]
  const all = tokensIfShort(text) ?? []
  const isDeclared = (token: Token, at: number) => token.text === name && DECLARES.has(all[at - 1]?.text ?? '')
  const mention = all.findLast(isDeclared) ?? all.findLast((token) => token.text === name)
  return `${path}:${placesIn(text)(mention?.start ?? 0)}`
}

function asUrl(pathOrUrl: string): string {
  return pathOrUrl.startsWith('file:') ? pathOrUrl : pathToFileURL(pathOrUrl).href
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}

function withoutUrls(text: string): string {
  return text.replace(/\?keel-load=\d+/g, '')
}
