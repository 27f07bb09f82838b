import { exitMeanings } from '../../src/help/exit-meanings.ts'
import { type DocumentedFile, type KeyDoc, keyDocs, sharedKeyDocs } from '../../src/model/schema/key-docs.ts'
import { table } from './table.ts'

/**
 * docs/inventory.md with its tables of keys as the model's descriptions have them; they are between
 * `<!-- keys: NAME -->` and `<!-- end -->`.
 */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- keys: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, head: string, name: string, end: string) => {
      return `${head}\n${table([['key', 'what', 'default'], ...rowsOf(name)])}\n${end}`
    },
  )
}

/** docs/exit-codes.md with what `--help` has too, between `<!-- exit codes -->` and `<!-- end -->`. */
export function withExitCodes(text: string): string {
  const rows = Object.entries(exitMeanings).map(([code, { full }]) => [code, full])
  return text.replace(
    /(<!-- exit codes -->\n)[\s\S]*?(<!-- end -->)/,
    (_, head: string, end: string) => `${head}\n${table([['code', 'meaning'], ...rows])}\n${end}`,
  )
}

function rowsOf(name: string): readonly (readonly string[])[] {
  const isFile = (text: string): text is DocumentedFile => Object.hasOwn(keyDocs, text)
  const docs: Readonly<Record<string, KeyDoc>> = isFile(name)
    ? keyDocs[name]
    : Object.fromEntries(Object.entries(sharedKeyDocs).filter(([path]) => path.startsWith(`${name}.`)))
  // a key with a name of the user's is told where the whole is
  const rows = Object.entries(docs).filter(([path]) => !path.endsWith('.*'))
  return rows.map(([path, { what, default: fallback = '' }]) => [
    `\`${path.replaceAll('.*', '.NAME')}\``,
    what,
    fallback,
  ])
}
