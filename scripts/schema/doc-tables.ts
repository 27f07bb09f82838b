import { type DocumentedFile, type KeyDoc, keyDocs, sharedKeyDocs } from '../../src/model/schema/key-docs.ts'

/**
 * docs/inventory.md with its tables of keys as the model's descriptions have them; they are between
 * `<!-- keys: NAME -->` and `<!-- end -->`.
 */
export function withTables(text: string): string {
  return text.replace(
    /(<!-- keys: (\S+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, head: string, name: string, end: string) => {
      return `${head}\n${table(rowsOf(name))}\n${end}`
    },
  )
}

type Row = readonly [key: string, what: string, fallback: string]

function rowsOf(name: string): Row[] {
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

function table(rows: readonly Row[]): string {
  const all: readonly Row[] = [['key', 'what', 'default'], ...rows]
  const width = (column: 0 | 1 | 2) => Math.max(...all.map((row) => row[column].length))
  const line = (row: Row) =>
    `| ${row[0].padEnd(width(0))} | ${row[1].padEnd(width(1))} | ${row[2].padEnd(width(2))} |\n`
  const [head = all[0] ?? ['', '', ''], ...body] = all
  return `${line(head)}| ${'-'.repeat(width(0))} | ${'-'.repeat(width(1))} | ${'-'.repeat(width(2))} |\n${body.map(line).join('')}`
}
