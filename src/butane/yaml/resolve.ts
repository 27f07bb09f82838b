import { integer } from './integer.ts'
import { isTimestamp } from './timestamp.ts'
import { YamlError } from './yaml-error.ts'

/** The meaning of a scalar. A float and an integer have different types. */
export type Resolved =
  | { readonly tag: '!!null' }
  | { readonly tag: '!!bool'; readonly value: boolean }
  | { readonly tag: '!!int'; readonly value: bigint }
  | { readonly tag: '!!float'; readonly value: number }
  | { readonly tag: '!!timestamp' | '!!str'; readonly value: string }
  /** `!!binary`, or a tag that yaml.v3 does not know: the unchanged text. */
  | { readonly tag: 'other'; readonly value: string }

const longPrefix = 'tag:yaml.org,2002:'
const words = new Map<string, Resolved>([
  ...['true', 'True', 'TRUE'].map((word) => [word, { tag: '!!bool', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { tag: '!!bool', value: false }] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { tag: '!!null' }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { tag: '!!float', value: Number.NaN }] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(
    (word) => [word, { tag: '!!float', value: Number.POSITIVE_INFINITY }] as const,
  ),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, { tag: '!!float', value: Number.NEGATIVE_INFINITY }] as const),
])
const decimalFloat = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/

export function shortTag(tag: string): string {
  return tag.startsWith(longPrefix) ? `!!${tag.slice(longPrefix.length)}` : tag
}

/** The tag of a plain scalar that the file gives no tag. */
export function plainTag(text: string): string {
  return text === '<<' ? '!!merge' : resolvePlain(text, true).tag
}

/**
 * The meaning of a scalar with its (short) tag.
 * @throws {YamlError} if the text does not fit the tag
 */
export function resolve(tag: string, text: string): Resolved {
  switch (tag) {
    case '!!str':
      return { tag, value: text }
    case '!!bool':
    case '!!int':
    case '!!null':
    case '!!timestamp':
    case '!!float': {
      const resolved = resolvePlain(text, tag === '!!timestamp')
      if (resolved.tag === tag) return resolved
      if (tag === '!!float' && resolved.tag === '!!int') return { tag, value: Number(resolved.value) }
      throw new YamlError(`\`${text}\` means nothing under the tag ${tag}`)
    }
    default:
      return { tag: 'other', value: text }
  }
}

function resolvePlain(text: string, datesToo: boolean): Resolved {
  const word = words.get(text)
  if (word !== undefined) return word
  if (datesToo && isTimestamp(text)) return { tag: '!!timestamp', value: text }
  const number = /^[-+0-9.]/.test(text) ? numberOf(text) : undefined
  return number ?? { tag: '!!str', value: text }
}

function numberOf(text: string): Resolved | undefined {
  // underscores may group digits, but not before a point
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
  if (!plain.startsWith('.')) {
    const whole = integer(plain)
    if (whole !== undefined) return { tag: '!!int', value: whole }
  }
  const value = decimalFloat.test(plain) ? Number(plain) : Number.NaN
  return Number.isFinite(value) ? { tag: '!!float', value } : undefined
}
