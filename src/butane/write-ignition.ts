import { config, type IgnitionConfig } from './schema/config.ts'
import { fieldsOf } from './schema/fields-of.ts'
import { type Field, isStructData, type Kind, type StructData, type StructKind, type Value } from './schema/kinds.ts'
import { isEscapedByte } from './text.ts'
import type { Version } from './versions.ts'

/**
 * An Ignition config in the form that butane prints, without a final newline. Go's encoding/json determines every byte
 * (which fields are left out, what is escaped, 64-bit integers), so JSON.stringify cannot do this.
 */
export function writeIgnition(value: IgnitionConfig, version: Version, pretty: boolean): string {
  return new IgnitionWriter(version, pretty).struct(config, value, pretty ? '\n' : '')
}

class IgnitionWriter {
  readonly #version: Version
  readonly #pretty: boolean

  constructor(version: Version, pretty: boolean) {
    this.#version = version
    this.#pretty = pretty
  }

  /** `newline` contains the indentation of the closing brace. */
  struct(struct: StructKind, value: StructData, newline: string): string {
    const colon = this.#pretty ? ': ' : ':'
    const members = fieldsOf(struct, 'ignition', this.#version)
      .filter(({ name, field }) => name === 'ignition' || !this.#isOmitted(field, value[name]))
      .map(({ name, field }) => quote(name) + colon + this.#value(field.of, value[name], this.#deeper(newline)))
    return this.#wrap('{', members, '}', newline)
  }

  #value(kind: Kind, value: Value, newline: string): string {
    if (kind.kind === 'struct' && isStructData(value)) return this.struct(kind, value, newline)
    if (kind.kind === 'list' && Array.isArray(value)) {
      const items = value.map((item: Value) => this.#value(kind.item, item, this.#deeper(newline)))
      return this.#wrap('[', items, ']', newline)
    }
    return typeof value === 'string' ? quote(value) : String(value)
  }

  #isOmitted({ of, required }: Field, value: Value): boolean {
    if (value === undefined) return true
    if (of.kind === 'list') return Array.isArray(value) && value.length === 0
    if (of.kind === 'struct') return isStructData(value) && this.#isEmpty(of, value)
    return required === 'unless empty' && (value === '' || value === 0n)
  }

  #isEmpty(struct: StructKind, value: StructData): boolean {
    return fieldsOf(struct, 'ignition', this.#version).every(({ name, field }) => this.#isOmitted(field, value[name]))
  }

  #deeper(newline: string): string {
    return this.#pretty ? `${newline}  ` : ''
  }

  #wrap(open: string, items: readonly string[], close: string, newline: string): string {
    if (items.length === 0) return open + close
    const inner = this.#deeper(newline)
    return open + inner + items.join(`,${inner}`) + newline + close
  }
}

const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Go's encoder escapes characters that have a meaning in HTML. It writes bytes that are not UTF-8 as a replacement
 * character, one for each byte.
 */
function quote(text: string): string {
  const escaped = text.replace(/["\\<>&\x00-\x1f\u2028\u2029\ud800-\udfff]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return short[character] ?? `\\u${(isEscapedByte(code) ? 0xfffd : code).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
