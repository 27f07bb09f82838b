import { childOf, type Path, pathText, type Report } from '../report.ts'
import { fieldsOf, type Side } from '../schema/fields-of.ts'
import { isStructData, type Kind, type Value } from '../schema/kinds.ts'
import type { Version } from '../versions.ts'
import { keyText, type Node } from '../yaml/index.ts'
import { entriesOf } from './check.ts'

interface Reading {
  readonly side: Side
  readonly version: Version
  readonly report: Report
}

/**
 * Warns about keys that nothing reads, and about places where the file has no mapping although the config has one (an
 * alias, a null). Entries of a list are matched by their index. Nulls shift them, because the config has no nulls.
 */
export function checkUnusedKeys(
  kind: Kind,
  value: Value,
  node: Node | undefined,
  reading: Reading,
  path: Path = [],
): void {
  // a value that comes from a merge or an alias has no node of its own
  if (node === undefined) return
  if (kind.kind === 'list' && Array.isArray(value)) {
    for (const [index, item] of entriesOf(value))
      checkUnusedKeys(kind.item, item, childOf(node, index), reading, [...path, index])
  } else if (kind.kind === 'struct' && isStructData(value)) {
    const { side, version, report } = reading
    const fields = fieldsOf(kind, side, version).map(({ name, yaml, field }) => ({
      name,
      of: field.of,
      key: side === 'butane' ? yaml : name,
    }))
    if (node.kind === 'mapping') {
      const known = new Set(fields.map(({ key }) => key))
      const keys = new Set(node.pairs.map(({ key }) => keyText(key)))
      for (const key of keys) if (!known.has(key)) report.warn([...path, { key }], `unused key ${key}`)
    } else {
      report.warn(
        path,
        `context tree does not match content tree at ${pathText(path)}. Line and column reporting may be inconsistent. Unused keys may not be reported`,
      )
    }
    for (const { name, of, key } of fields)
      checkUnusedKeys(of, value[name], childOf(node, key), reading, [...path, key])
  }
}
