import { config, type IgnitionConfig } from './schema/config.ts'
import { fieldsOf } from './schema/fields-of.ts'
import { type Field, isStructData, type Kind, type StructData, type StructKind, type Value } from './schema/kinds.ts'
import { isEscapedByte } from './text.ts'
import type { Version } from './versions.ts'

/** JSON as a tree of lines-to-be: Go's encoder decides on every byte of it, so it is written here and not by JSON.stringify. */
type Json = string | readonly Json[] | ReadonlyMap<string, Json>

/** An Ignition config as butane prints it (Go's encoding/json of Ignition's types), without a final newline. */
export function writeIgnition(value: IgnitionConfig, version: Version, pretty: boolean): string {
  return print(structJson(config, value, version), pretty ? '\n' : '')
}

function structJson(struct: StructKind, value: StructData, version: Version): Json {
  const entries = new Map<string, Json>()
  for (const { name, field } of fieldsOf(struct, 'ignition', version)) {
    const found = value[name]
    if (name === 'ignition' || !isOmitted(field, found, version)) entries.set(name, valueJson(field.of, found, version))
  }
  return entries
}

function valueJson(kind: Kind, value: Value, version: Version): Json {
  if (kind.kind === 'list' && Array.isArray(value)) return value.map((item: Value) => valueJson(kind.item, item, version))
  if (kind.kind === 'struct' && isStructData(value)) return structJson(kind, value, version)
  return typeof value === 'string' ? quote(value) : String(value)
}

function isOmitted({ of, required }: Field, value: Value, version: Version): boolean {
  if (value === undefined) return true
  if (of.kind === 'list') return Array.isArray(value) && value.length === 0
  if (of.kind === 'struct') return isStructData(value) && isEmptyStruct(of, value, version)
  return required === 'unless empty' && (value === '' || value === 0n)
}

/** Whether nothing is set in it. */
function isEmptyStruct(struct: StructKind, value: StructData, version: Version): boolean {
  return fieldsOf(struct, 'ignition', version).every(({ name, field }) => isOmitted(field, value[name], version))
}

function print(json: Json, newline: string): string {
  if (typeof json === 'string') return json
  const inner = newline === '' ? '' : `${newline}  `
  const items = Array.isArray(json)
    ? json.map((item: Json) => print(item, inner))
    : [...(json as ReadonlyMap<string, Json>)].map(
        ([key, item]) => `${quote(key)}:${newline === '' ? '' : ' '}${print(item, inner)}`,
      )
  const [open, close] = Array.isArray(json) ? '[]' : '{}'
  return items.length === 0 ? `${open}${close}` : `${open}${inner}${items.join(`,${inner}`)}${newline}${close}`
}

const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/** Go's encoder escapes what HTML could trip over, and writes what is no UTF-8 as a replacement character, byte by byte. */
function quote(text: string): string {
  const escaped = text.replace(/["\\<>&\x00-\x1f\u2028\u2029\ud800-\udfff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return short[character] ?? `\\u${(isEscapedByte(code) ? 0xfffd : code).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
