import { realpathSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { hasCode } from '../../errors.ts'
import { MOST_PARSED_BYTES, readInventoryFile } from '../../files/inventory-file.ts'
import { nativeImport } from './native-import.ts'

/** The meaning of `import … from 'keel'` inside an inventory: this keel itself. The bundle is flat in dist/. */
const KEEL = new URL(import.meta.url.endsWith('.ts') ? '../../index.ts' : './index.js', import.meta.url).href

/** Marks the modules of one load, so that the next load reads the files again. */
const MARK = 'keel-load'
let loads = 0

/** After that, Node reports the same of each file whose types it should strip, whatever is in it. */
const STRIPPER_CRASHED = 'ERR_INTERNAL_ASSERTION'

export type Imported =
  | { readonly file: string; readonly module: object }
  | { readonly file: string; readonly error: unknown; readonly lastRead: string }

/**
 * Imports files of an inventory with Node's own type stripping, as they are on disk now, with everything below the
 * directory that they import. It finds 'keel' without a node_modules. It reads files below the directory like every
 * file of an inventory: it follows no link.
 * @param directory absolute, symbolic links resolved
 * @param files relative to it
 * @returns one for each file, or only for the first ones, if Node crashes at the last of them
 */
export async function importFresh(directory: string, files: readonly string[]): Promise<Imported[]> {
  const root = `${pathToFileURL(realpathSync(directory)).href}/`
  const mark = `?${MARK}=${++loads}`
  let lastRead = ''
  /** @returns undefined if there is no such file, or it does not belong to the inventory */
  const ownSource = (url: string): Buffer | undefined => {
    if (!url.startsWith(root) || url.includes('/node_modules/')) return undefined
    return readInventoryFile(directory, fileURLToPath(url).slice(fileURLToPath(root).length), MOST_PARSED_BYTES)
  }
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const isEntry = specifier.endsWith(mark)
      if (!isEntry && context.parentURL?.endsWith(mark) !== true) return next(specifier, context)
      if (specifier === 'keel') return { url: KEEL, shortCircuit: true }
      // node would follow a link, and a syntax error would show the text of its target
      if (/^(\.\.?\/|file:)/.test(specifier)) ownSource(new URL(specifier, context.parentURL).href)
      const resolved = next(specifier, context)
      if (!resolved.url.startsWith(root) || resolved.url.includes('/node_modules/')) return resolved
      const typed = /\.[mc]?ts(\?|$)/.test(resolved.url) ? { format: 'module-typescript' } : {}
      return { ...resolved, ...typed, url: isEntry ? resolved.url : resolved.url + mark }
    },
    load(url, context, next) {
      if (!url.endsWith(mark)) return next(url, context)
      lastRead = url
      const source = context.format === 'module-typescript' ? ownSource(url) : undefined
      return source === undefined ? next(url, context) : { format: context.format, source, shortCircuit: true }
    },
  })
  const imported: Imported[] = []
  try {
    const [unawaited] = await failuresBeside(async () => {
      // one after the other, so that an error without a place belongs to the file that was read last
      for (const file of files) {
        try {
          const url = new URL(file.split('/').map(encodeURIComponent).join('/'), root)
          imported.push({ file, module: await nativeImport(url.href + mark) })
        } catch (error) {
          imported.push({ file, error, lastRead: lastRead.replace(mark, '') })
          if (hasCode(error, STRIPPER_CRASHED)) break
        }
      }
    })
    const last = imported.at(-1)
    if (last === undefined || unawaited === undefined) return imported
    return imported.with(-1, { file: last.file, error: unawaited, lastRead: '' })
  } finally {
    hooks.deregister()
  }
}

/**
 * Errors in promises of an inventory that nobody awaits. In keel itself such an error is a bug, and is reported as one.
 */
async function failuresBeside(work: () => Promise<void>): Promise<readonly Error[]> {
  const failures: Error[] = []
  const keep = (error: unknown) => {
    if (!(error instanceof Error) || frameIn(error.stack ?? '') === undefined) throw error
    failures.push(error)
  }
  process.on('unhandledRejection', keep)
  try {
    await work()
    // by this time node has reported all of them
    await new Promise((resolve) => setImmediate(resolve))
    return failures
  } finally {
    process.off('unhandledRejection', keep)
  }
}

export interface Frame {
  readonly url: string
  readonly line: number
  readonly column: number
}

/** The first place in a stack, or at the beginning of a syntax error, that is in a file of an inventory. */
export function frameIn(stack: string): Frame | undefined {
  const [, url, line, column] = new RegExp(`(file://\\S*?)\\?${MARK}=\\d+:(\\d+)(?::(\\d+))?`).exec(stack) ?? []
  // at the beginning of a syntax error, a caret below the line shows the column
  const caret = () => (/^[^\n]*\n(?:[^\n]+\n)*?([ \t]*)\^/.exec(stack)?.[1]?.length ?? 0) + 1
  return url === undefined ? undefined : { url, line: Number(line), column: Number(column ?? caret()) }
}
