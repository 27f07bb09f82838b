import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { onTestFinished } from 'vitest'
import { parse } from 'yaml'

export const BASE = new URL('../../cases/inventory/base/', import.meta.url).pathname
/** The same inventory in YAML. */
export const BASE_YAML = new URL('../../cases/inventory/base-yaml/', import.meta.url).pathname

type Files = readonly (readonly [path: string, bytes: Uint8Array])[]

function filesIn(folder: string): Files {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [relative(folder, path), readFileSync(path)])
}

/** Read once: hundreds of variants begin with them. */
const bases: Readonly<Record<'ts' | 'yaml', Files>> = { ts: filesIn(BASE), yaml: filesIn(BASE_YAML) }

/** How an inventory differs from test/cases/inventory/base. */
export interface Variant {
  /** `yaml`: from test/cases/inventory/base-yaml. */
  readonly form?: 'ts' | 'yaml'
  /** Lines added to a file's definition, at its end. */
  readonly add?: Readonly<Record<string, string>>
  /** [from, to]: a text that is there once; `KEY` is the file's first key, `LINE x` the whole line that holds x. */
  readonly edit?: Readonly<Record<string, readonly [from: string, to: string]>>
  /** Whole files; null removes one. */
  readonly write?: Readonly<Record<string, string | null>>
}

/** An inventory with faults. */
export interface Case extends Variant {
  readonly name: string
  /** Code and the text that the user sees, of every fault in its order. */
  readonly faults: readonly { readonly code: string; readonly text: string }[]
}

export const WRONG = new URL('../../cases/inventory/wrong/', import.meta.url).pathname

export function wrongCases(): Case[] {
  return readdirSync(WRONG).flatMap((file): Case[] => parse(readFileSync(join(WRONG, file), 'utf8')))
}

/** Writes the variant into a folder of its own, which goes away with the test. */
export function makeVariant({ form = 'ts', add = {}, edit = {}, write = {} }: Variant): string {
  const directory = mkdtempSync(join(tmpdir(), 'keel-inventory-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  for (const [path, bytes] of bases[form]) put(directory, path, bytes)
  for (const [short, [from, to]] of Object.entries(edit)) {
    change(directory, short, form, (text) => replaceOnce(text, pattern(text, from), to))
  }
  for (const [short, lines] of Object.entries(add)) {
    change(directory, short, form, (text) =>
      form === 'ts' ? replaceOnce(text, '})\n', `  ${lines}\n})\n`) : `${text}${lines}\n`,
    )
  }
  for (const [path, text] of Object.entries(write)) {
    if (text === null) rmSync(join(directory, path))
    else put(directory, path, text)
  }
  return directory
}

function put(directory: string, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true })
  writeFileSync(join(directory, path), content)
}

function change(directory: string, short: string, form: string, edit: (text: string) => string): void {
  const stem = short === 'secrets' ? 'secrets' : short === 'cluster' ? 'hosts/cluster' : `hosts/${short}/host`
  const path = join(directory, `${stem}.${form}`)
  writeFileSync(path, edit(readFileSync(path, 'utf8')))
}

function pattern(text: string, from: string): string {
  const found = from === 'KEY' ? /ssh-ed25519 [\w+/=]+/.exec(text)?.[0] : from
  const line = from.startsWith('LINE ') ? text.split('\n').find((one) => one.includes(from.slice(5))) : undefined
  return line === undefined ? (found ?? from) : `${line}\n`
}

function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2)
    throw new Error(`a case wants to replace ${JSON.stringify(from)}, which is not there once`)
  return text.replace(from, () => to)
}
