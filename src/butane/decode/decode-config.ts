import { emptyStruct, fieldsOf, type NamedField } from '../schema/fields-of.ts'
import type { Kind, StructKind, Value, ValueOf } from '../schema/kinds.ts'
import { byteLength, bytesOfText, textOfBytes } from '../text.ts'
import type { Version } from '../versions.ts'
import { versions } from '../versions.ts'
import { type AliasNode, keyText, type MappingNode, type Node, type ScalarNode, YamlError } from '../yaml/index.ts'
import { AliasBudget } from './alias-budget.ts'
import { DecodeError } from './decode-error.ts'
import { decodeFlag, decodeInteger, decodeText } from './decode-scalar.ts'

/**
 * A document as a value of that struct. It ignores keys that the struct does not have, with everything below them
 * (unused-keys.ts reports them).
 * @throws {DecodeError} for values of a wrong type and keys that occur twice, all at once
 * @throws {YamlError} for a value that its tag does not allow, an alias within itself, and `<<` with anything except
 * mappings
 */
export function decode<S extends StructKind>(root: Node, struct: S, version: Version): ValueOf<S> {
  const decoder = new Decoder(version)
  const decoded = decoder.decode(root, struct)
  if (decoder.problems.length > 0) throw new DecodeError(decoder.problems)
  return (decoded === absent ? emptyStruct(struct) : decoded) as ValueOf<S>
}

/** Null, or of a wrong type. A list drops it, and a field counts as absent. */
const absent = Symbol('absent')
type Outcome = Value | typeof absent

class Decoder {
  readonly problems: string[] = []
  readonly #version: Version
  readonly #budget = new AliasBudget()
  readonly #open = new Set<AliasNode>()

  constructor(version: Version) {
    this.#version = version
  }

  decode(node: Node, kind: Kind): Outcome {
    if (node.kind === 'alias') return this.#throughAlias(node, (target) => this.decode(target, kind))
    this.#budget.spend()
    switch (node.kind) {
      case 'scalar':
        return this.#scalar(node, kind)
      case 'sequence':
        if (kind.kind !== 'list') return this.#wrong(node, kind)
        return node.items.map((item) => this.decode(item, kind.item)).filter((item) => item !== absent)
      case 'mapping': {
        if (this.#hasRepeatedKeys(node)) return absent
        if (kind.kind !== 'struct') return this.#wrong(node, kind)
        const target = emptyStruct(kind)
        this.#fill(target, node, kind)
        return target
      }
    }
  }

  #throughAlias<T>(alias: AliasNode, visit: (target: AliasNode['target']) => T): T {
    this.#budget.spend()
    if (this.#open.has(alias)) throw new YamlError(`*${alias.name} is inside &${alias.name}, which it repeats`)
    this.#open.add(alias)
    this.#budget.enterAlias()
    const result = visit(alias.target)
    this.#budget.leaveAlias()
    this.#open.delete(alias)
    return result
  }

  #scalar(node: ScalarNode, kind: Kind): Outcome {
    const decoded =
      kind.kind === 'flag' ? decodeFlag(node) : kind.kind === 'integer' ? decodeInteger(node) : decodeText(node)
    if (decoded === 'wrong type') return this.#wrong(node, kind)
    if (decoded.value === undefined) return absent
    return kind.kind === 'list' || kind.kind === 'struct' ? this.#wrong(node, kind) : decoded.value
  }

  /**
   * Sets the fields that a mapping names. `taken`: keys that already have their value, from a mapping that merges this
   * one.
   */
  #fill(target: Record<string, Value>, node: MappingNode, struct: StructKind, taken?: Set<string>): void {
    const fields = new Map(fieldsOf(struct, 'butane', this.#version).map((field) => [field.yaml, field]))
    const done = new Set<NamedField>()
    let merged: Node | undefined
    for (const { key, value } of node.pairs) {
      if (isMerge(key)) {
        merged = value
        continue
      }
      const name = this.decode(key, { kind: 'text' })
      if (typeof name !== 'string' || taken?.has(name)) continue
      taken?.add(name)
      const field = fields.get(name)
      if (field === undefined) continue
      if (done.has(field)) {
        this.problems.push(`line ${key.at.line}: ${name} is given twice`)
        continue
      }
      done.add(field)
      const decoded = this.decode(value, field.field.of)
      if (decoded !== absent) target[field.name] = decoded
    }
    if (merged !== undefined) this.#merge(target, merged, struct, taken ?? this.#keysOf(node))
  }

  /** `<<`: one mapping, or several. For each key the first mapping that has it wins. */
  #merge(target: Record<string, Value>, node: Node, struct: StructKind, taken: Set<string>): void {
    const sources = node.kind === 'sequence' ? node.items : [node]
    for (const source of sources) {
      const mapping = source.kind === 'alias' ? source.target : source
      if (mapping.kind !== 'mapping') throw new YamlError('`<<` takes a mapping or a list of mappings, nothing else')
      const fill = () => {
        this.#budget.spend()
        if (!this.#hasRepeatedKeys(mapping)) this.#fill(target, mapping, struct, taken)
      }
      if (source.kind === 'alias') this.#throughAlias(source, fill)
      else fill()
    }
  }

  #keysOf(node: MappingNode): Set<string> {
    return new Set(node.pairs.map(({ key }) => (key.kind === 'alias' ? keyText(key.target) : keyText(key))))
  }

  #hasRepeatedKeys(node: MappingNode): boolean {
    const first = new Map<string, Node>()
    const before = this.problems.length
    for (const { key } of node.pairs) {
      const identity = `${key.kind} ${keyText(key)}`
      const earlier = first.get(identity)
      if (earlier === undefined) first.set(identity, key)
      else {
        this.problems.push(
          `line ${key.at.line}: mapping key ${JSON.stringify(keyText(key))} already defined at line ${earlier.at.line}`,
        )
      }
    }
    return this.problems.length > before
  }

  #wrong(node: Exclude<Node, AliasNode>, kind: Kind): typeof absent {
    const value = node.kind === 'scalar' ? node.value : ''
    const shown = node.tag === '!!seq' || node.tag === '!!map' ? '' : ` \`${shortened(value)}\``
    this.problems.push(`line ${node.at.line}: cannot unmarshal ${node.tag}${shown} into ${this.#typeName(kind)}`)
    return absent
  }

  #typeName(kind: Kind): string {
    if (kind.kind === 'integer') return 'int'
    if (kind.kind === 'flag') return 'bool'
    if (kind.kind === 'list' && kind.name === undefined) return `[]${this.#typeName(kind.item)}`
    if (kind.name === undefined) return 'string'
    return kind.name.includes('.') ? kind.name : `${versions[this.#version].goPackage}.${kind.name}`
  }
}

function isMerge(key: Node): boolean {
  return key.kind === 'scalar' && key.value === '<<' && key.tag === '!!merge'
}

function shortened(value: string): string {
  return byteLength(value) > 10 ? `${textOfBytes(bytesOfText(value).subarray(0, 7))}...` : value
}
