import { disk, dropin, filesystem, httpHeader, luks, partition, raid, resource, tang, unit } from '../schema/config.ts'
import { fieldsOf } from '../schema/fields-of.ts'
import type { IgnitionOf, Kind, StructData, StructKind, Value } from '../schema/kinds.ts'
import { isStructData } from '../schema/kinds.ts'
import { below, type Place, visit } from './check.ts'

/** What identifies an entry of a list. A kind that is not here has a path or a name, and that identifies it. */
const keys = new Map<Kind, (entry: StructData) => Value>([
  [disk, ({ device }) => device],
  [filesystem, ({ device }) => device],
  [resource, ({ source }) => source ?? ''],
  [tang, ({ url }) => url],
  [partition, partitionKey],
  ...[dropin, httpHeader, luks, raid, unit].map((kind): [Kind, (entry: StructData) => Value] => [
    kind,
    ({ name }) => name,
  ]),
])

/** Reports every entry that is equal to an earlier one of its list, or of a list that shares its names. */
export function checkDuplicates(kind: StructKind, value: Value, place: Place): void {
  visit(kind, value, 'ignition', place, (visited, found, at) => {
    if (visited.kind === 'struct' && isStructData(found)) checkLists(visited, found, at)
  })
}

function checkLists(struct: StructKind, value: StructData, place: Place): void {
  const seenIn = new Map<string, Set<Value>>()
  for (const { name, field } of fieldsOf(struct, 'ignition', place.version)) {
    const list = value[name]
    if (field.of.kind !== 'list' || field.of.duplicates === 'allowed' || !Array.isArray(list)) continue
    const { item, shared = name } = field.of
    const seen = seenIn.get(shared) ?? new Set()
    seenIn.set(shared, seen)
    list.forEach((entry: Value, index) => {
      const key = isStructData(entry) ? keyOf(item, entry) : entry
      if (seen.has(key)) place.report.error(below(place, name, index).path, 'duplicate entry defined')
      seen.add(key)
    })
  }
}

function keyOf(kind: Kind, entry: StructData): Value {
  const known = keys.get(kind)
  return known === undefined ? (entry.path ?? entry.name) : known(entry)
}

function partitionKey(entry: StructData): Value {
  const { number, label } = entry as IgnitionOf<typeof partition>
  return number !== 0n ? `number:${number}` : label === undefined ? '' : `label:${label}`
}
