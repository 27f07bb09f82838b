import { config, type IgnitionConfig } from '../schema/config.ts'
import { emptyStruct, fieldsOf, type NamedField } from '../schema/fields-of.ts'
import type { Kind, StructKind, Value } from '../schema/kinds.ts'
import type { Version } from '../versions.ts'
import { keyText, type MappingNode, type Node } from '../yaml/index.ts'

class WrongType extends Error {}

/**
 * An Ignition config as Go's encoding/json reads it; undefined if a value has a wrong type. Unknown keys are ignored.
 */
export function decodeIgnition(root: Node, version: Version): IgnitionConfig | undefined {
  try {
    return decode(root, config, version) as IgnitionConfig
  } catch (error) {
    if (error instanceof WrongType) return undefined
    throw error
  }
}

function decode(node: Node, kind: Kind, version: Version): Value {
  if (node.kind === 'mapping' && kind.kind === 'struct') return fill(node, kind, version)
  if (node.kind === 'sequence' && kind.kind === 'list') {
    // in JSON, unlike YAML, a null entry counts: as an entry without any settings
    return node.items.map((item) => decode(item, kind.item, version) ?? '')
  }
  if (node.kind !== 'scalar') throw new WrongType()
  if (node.tag === '!!null') return kind.kind === 'struct' ? emptyStruct(kind) : kind.kind === 'list' ? [] : undefined
  if (kind.kind === 'text' && node.tag === '!!str') return node.value
  if (kind.kind === 'flag' && node.tag === '!!bool') return node.value === 'true'
  if (kind.kind === 'integer' && node.tag === '!!int') {
    const value = BigInt(node.value)
    if (BigInt.asIntN(64, value) === value) return value
  }
  throw new WrongType()
}

function fill(node: MappingNode, struct: StructKind, version: Version): Value {
  const target = emptyStruct(struct)
  const fields = fieldsOf(struct, 'ignition', version)
  for (const { key, value } of node.pairs) {
    const field = fieldNamed(fields, keyText(key))
    if (field === undefined) continue
    const decoded = decode(value, field.field.of, version)
    if (decoded !== undefined || field.field.required === undefined) target[field.name] = decoded
  }
  return target
}

/** For Go, a key that differs from a field only in case is that field. */
function fieldNamed(fields: readonly NamedField[], key: string): NamedField | undefined {
  const folded = key.toLowerCase()
  return fields.find(({ name }) => name === key) ?? fields.find(({ name }) => name.toLowerCase() === folded)
}
