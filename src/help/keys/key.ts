import { carriedText } from '../../carried.ts'

/** A key of an inventory, as schema/ describes it. */
export interface Key {
  readonly file: InventoryFile
  /** With its file, and NAME for what the user chooses: `host.files.NAME.mode`. */
  readonly path: string
  readonly what: string
  readonly fallback?: string
  readonly type: string
  readonly required: boolean
}

const FILES = ['host', 'cluster', 'secrets'] as const
export type InventoryFile = (typeof FILES)[number]

/** As much of JSON Schema as schema/ has. */
interface Schema {
  readonly description?: string
  readonly type?: string
  readonly enum?: readonly string[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

/** All keys of an inventory, each behind the one that contains it. */
export function inventoryKeys(): readonly Key[] {
  return FILES.flatMap((file) => keysBelow(file, file, JSON.parse(carriedText(`schema/${file}.json`))))
}

function keysBelow(file: InventoryFile, path: string, schema: Schema): readonly Key[] {
  // a reference to a secret is a value
  if (isReference(schema)) return []
  const { properties = {}, required = [], additionalProperties, anyOf = [] } = schema
  const named = Object.entries(properties).map(([name, inner]) => ({ name, inner, must: required.includes(name) }))
  const chosen =
    typeof additionalProperties === 'object' ? [{ name: 'NAME', inner: additionalProperties, must: false }] : []
  return [
    ...[...named, ...chosen].flatMap(({ name, inner, must }) => {
      const own = `${path}.${name}`
      return [keyOf(file, own, inner, must), ...keysBelow(file, own, inner)]
    }),
    ...anyOf.flatMap((one) => keysBelow(file, path, one)),
  ]
}

function keyOf(file: InventoryFile, path: string, schema: Schema, required: boolean): Key {
  const [what = '', fallback] = (schema.description ?? '').split('\n\nDefault: ')
  return { file, path, what, type: typeOf(schema), required, ...(fallback === undefined ? {} : { fallback }) }
}

function isReference({ properties = {} }: Schema): boolean {
  return Object.keys(properties).join() === 'secret'
}

/** In words: `a list of texts`. */
function typeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.toSorted(listsLast).map(typeOf))].join(', or ')
  if (schema.enum !== undefined) return schema.enum.map((one) => `\`${one}\``).join(', ')
  if (isReference(schema)) return 'a reference to a secret: `{ secret: NAME }`'
  switch (schema.type) {
    case 'boolean':
      return '`true` or `false`'
    case 'integer':
    case 'number':
      return schema.maximum === undefined ? 'a number' : `a whole number from ${schema.minimum} to ${schema.maximum}`
    case 'array':
      return schema.items?.type === 'string' ? 'a list of texts' : `a list: each ${typeOf(schema.items ?? {})}`
    case 'object':
      return typeof schema.additionalProperties === 'object'
        ? `an object: NAME → ${typeOf(schema.additionalProperties)}`
        : 'an object with the keys below'
    default:
      return 'a text'
  }
}

function listsLast(one: Schema, other: Schema): number {
  return Number(one.type === 'array') - Number(other.type === 'array')
}
