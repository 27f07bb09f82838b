import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
} from 'yaml'
import { quote } from '../../model/names.ts'
import type { YamlProblem } from './yaml-problem.ts'

/** A value of a YAML text, with the places of it and of all its parts. */
export interface Placed {
  readonly value: unknown
  /** The place of the value, or of its key if the value is a block below it. */
  readonly offset: number
  /** The text of a plain scalar, if that differs from its value: `0644`, `1.10`. */
  readonly written?: string
  /** It could not be read, and that is already reported. */
  readonly unread?: true
  readonly parts?: ReadonlyMap<string | number, Entry>
  /** The number of its values when every alias is expanded. */
  readonly size: number
}

interface Entry {
  /** The place of its key, or of its dash in a list. */
  readonly key: number
  readonly placed: Placed
}

/** No key of the inventory is deeper than eight levels. */
const DEPTH = 64
/** A file of aliases to aliases expands to more values than fit into memory ("billion laughs"). */
const SIZE = 1_000_000

/** What the core schema of YAML 1.2 (section 10.3) itself resolves. */
const CORE_TAGS = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
)

/**
 * The nodes of a document as plain values. If YAML allows something that an inventory does not need, it becomes a
 * problem, and the rest continues.
 */
export function placeNodes(contents: ParsedNode): { readonly root: Placed; readonly problems: readonly YamlProblem[] } {
  const walk: Walk = { problems: [], anchors: new Map() }
  const root = place(contents, start(contents), 0, walk)
  if (root.size > SIZE)
    walk.problems.push({
      code: 'yaml-aliases',
      offset: root.offset,
      found: 'aliases that expand to millions of values',
    })
  return { root: root.size > SIZE ? { ...UNREAD, offset: root.offset } : root, problems: walk.problems }
}

interface Walk {
  readonly problems: YamlProblem[]
  /** By anchor; 'open' while its own value is being read. */
  readonly anchors: Map<string, Placed | 'open'>
}

const UNREAD = { value: undefined, size: 1, unread: true } as const

function place(node: Node | null, key: number, depth: number, walk: Walk): Placed {
  if (node === null) return { value: null, size: 1, offset: key }
  if (isAlias(node)) return followed(node, walk)
  if (depth > DEPTH) {
    walk.problems.push({ code: 'yaml-depth', offset: start(node), found: 'values nested too deeply' })
    return { ...UNREAD, offset: start(node) }
  }
  const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined
  if (anchor !== undefined) walk.anchors.set(anchor, 'open')
  const placed = !hasKnownTag(node, walk)
    ? { ...UNREAD, offset: start(node) }
    : isMap(node)
      ? placeMap(node, key, depth, walk)
      : isSeq(node)
        ? placeList(node.items, node, key, depth, walk)
        : placeScalar(node, key)
  if (anchor !== undefined) walk.anchors.set(anchor, placed)
  return placed
}

function placeScalar(node: Node, key: number): Placed {
  if (!isScalar(node)) return { ...UNREAD, offset: key }
  const { value, source, type } = node
  const isWritten = type === 'PLAIN' && typeof value !== 'string' && source !== undefined && source !== ''
  return {
    value,
    size: 1,
    offset: source === '' && type === 'PLAIN' ? key : start(node),
    ...(isWritten ? { written: source } : {}),
  }
}

function placeList(
  items: readonly unknown[],
  node: Node & { flow?: boolean | undefined },
  key: number,
  depth: number,
  walk: Walk,
): Placed {
  const parts = new Map<number, Entry>()
  for (const [index, item] of items.entries()) {
    const inner = isNode(item) ? item : null
    const placed = place(inner, inner === null ? key : start(inner), depth + 1, walk)
    parts.set(index, { key: placed.offset, placed })
  }
  return whole(
    [...parts.values()].map(({ placed }) => placed.value),
    parts,
    node.flow === true ? start(node) : key,
  )
}

function placeMap(node: YAMLMap, key: number, depth: number, walk: Walk): Placed {
  const own = new Map<string, Entry>()
  const merged = new Map<string, Entry>()
  for (const pair of node.items) {
    const name = keyOf(pair, walk)
    const at = isNode(pair.key) ? start(pair.key) : key
    const value = place(isNode(pair.value) ? pair.value : null, at, depth + 1, walk)
    if (name === undefined) continue
    if (name === '<<' && isScalar(pair.key) && pair.key.type === 'PLAIN') {
      for (const [inherited, entry] of mergedEntries(value, at, walk))
        if (!merged.has(inherited)) merged.set(inherited, entry)
      continue
    }
    const before = own.get(name)
    if (before === undefined) own.set(name, { key: at, placed: value })
    else walk.problems.push(twice(name, at))
  }
  const parts = new Map([...merged, ...own])
  return whole(
    Object.fromEntries([...parts].map(([name, { placed }]) => [name, placed.value])),
    parts,
    node.flow === true ? start(node) : key,
  )
}

function whole(value: unknown, parts: ReadonlyMap<string | number, Entry>, offset: number): Placed {
  let size = 1
  for (const { placed } of parts.values()) size = Math.min(size + placed.size, SIZE + 1)
  return { value, parts, offset, size }
}

/**
 * `<<: *shared` or a list of them: they provide the keys that the map does not have itself, and the first one wins
 * (yaml.org/type/merge).
 */
function mergedEntries(from: Placed, at: number, walk: Walk): Iterable<readonly [string, Entry]> {
  const sources = Array.isArray(from.value) ? [...(from.parts?.values() ?? [])].map(({ placed }) => placed) : [from]
  return sources.flatMap((one) => {
    if (isPlainObject(one.value)) return [...(one.parts ?? [])].map(([name, entry]) => [String(name), entry] as const)
    // an alias without an anchor is already reported
    if (one.value !== undefined)
      walk.problems.push({
        code: 'yaml-merge',
        offset: at,
        found: 'a merge key (<<) whose value is not a map',
        todo: 'write `<<: *name`, where &name marks a map',
      })
    return []
  })
}

function keyOf({ key }: Pair, walk: Walk): string | undefined {
  const target = isAlias(key) ? walk.anchors.get(key.source) : undefined
  const value = isScalar(key) ? key.value : target === undefined || target === 'open' ? undefined : target.value
  if (isNode(key) && !isAlias(key) && !hasKnownTag(key, walk)) return undefined
  if (isScalar(key) && key.anchor !== undefined) walk.anchors.set(key.anchor, placeScalar(key, start(key)))
  if (typeof value === 'string') return value
  const offset = isNode(key) ? start(key) : 0
  const written = isScalar(key) && key.source !== undefined && key.source !== '' ? key.source : undefined
  walk.problems.push({
    code: 'yaml-key',
    offset,
    found:
      written === undefined
        ? 'a key that is not a text'
        : `the key ${quote(written)} is not a text but ${kindOf(value)}`,
    why: 'every key of an inventory must be a text',
    ...(written === undefined ? {} : { todo: `put it in quotes: '${written}'` }),
  })
  return undefined
}

function twice(name: string, offset: number): YamlProblem {
  return {
    code: 'yaml-twice',
    offset,
    found: `the key ${quote(name)} appears here a second time`,
    why: 'YAML would use only one of the two',
    todo: 'keep one, or put both values under it',
  }
}

function followed(alias: Alias, walk: Walk): Placed {
  const offset = start(alias)
  const target = walk.anchors.get(alias.source)
  if (target !== undefined && target !== 'open') return { ...target, offset }
  walk.problems.push(
    target === undefined
      ? {
          code: 'yaml-alias',
          offset,
          found: `*${alias.source} refers to nothing`.slice(0, 80),
          why: `there is no &${alias.source.slice(0, 64)} above it`,
        }
      : { code: 'yaml-alias', offset, found: `*${alias.source.slice(0, 64)} refers to something that contains it` },
  )
  return { ...UNREAD, offset }
}

function hasKnownTag(node: Node, walk: Walk): boolean {
  const tag = 'tag' in node && typeof node.tag === 'string' ? node.tag : undefined
  if (tag === undefined || CORE_TAGS.has(tag)) return true
  const todo = /^!secret\b/i.test(tag) ? 'write { secret: NAME }' : 'remove it, or put the text in quotes'
  walk.problems.push({
    code: 'yaml-tag',
    offset: start(node),
    found: `the tag ${quote(tag)}`,
    why: 'an inventory may not contain tags',
    todo,
  })
  return false
}

function kindOf(value: unknown): string {
  return value === null ? 'nothing' : typeof value === 'boolean' ? 'true or false' : 'a number'
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNode(value: unknown): value is Node {
  return isScalar(value) || isMap(value) || isSeq(value) || isAlias(value)
}

function start(node: Node | Scalar): number {
  return node.range?.[0] ?? 0
}
