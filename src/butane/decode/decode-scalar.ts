import { isBase64 } from '../go/base64.ts'
import { textOfBytes } from '../text.ts'
import { type Resolved, resolve, type ScalarNode, YamlError } from '../yaml/index.ts'

/** `undefined`: the scalar is null. */
export type Decoded<T> = { readonly value: T | undefined } | 'wrong type'

const yes = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'])
const no = new Set(['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'])

/** Every scalar is a text, unchanged. `!!binary` is decoded; other tags have no effect here. */
export function decodeText(node: ScalarNode): Decoded<string> {
  const resolved = resolveScalar(node)
  if (resolved.tag === '!!null') return { value: undefined }
  return { value: resolved.tag === 'other' ? resolved.value : node.value }
}

/** true and false only without quotes. The words of YAML 1.1 with quotes too. */
export function decodeFlag(node: ScalarNode): Decoded<boolean> {
  const resolved = resolveScalar(node)
  if (resolved.tag === '!!null') return { value: undefined }
  if (resolved.tag === '!!bool') return { value: resolved.value }
  if (resolved.tag !== '!!str' && resolved.tag !== 'other') return 'wrong type'
  if (yes.has(resolved.value)) return { value: true }
  return no.has(resolved.value) ? { value: false } : 'wrong type'
}

/** A 64-bit integer. A float loses its fraction. If it is far below the range, the result is the lowest integer. */
export function decodeInteger(node: ScalarNode): Decoded<bigint> {
  const resolved = resolveScalar(node)
  if (resolved.tag === '!!null') return { value: undefined }
  if (resolved.tag === '!!int') return resolved.value < 2n ** 63n ? { value: resolved.value } : 'wrong type'
  return resolved.tag === '!!float' && resolved.value <= 2 ** 63 ? { value: truncate(resolved.value) } : 'wrong type'
}

// amd64 converts a value outside the range to the lowest integer
function truncate(float: number): bigint {
  const least = -(2n ** 63n)
  const whole = Number.isFinite(float) ? BigInt(Math.trunc(float)) : least
  return BigInt.asIntN(64, whole) === whole ? whole : least
}

function resolveScalar({ tag, value }: ScalarNode): Resolved {
  const resolved = resolve(tag, value)
  return tag === '!!binary' ? { tag: 'other', value: decodeBase64(value) } : resolved
}

function decodeBase64(text: string): string {
  const compact = text.replace(/[\r\n]/g, '')
  if (!isBase64(compact)) {
    throw new YamlError('what follows !!binary is not base64')
  }
  return textOfBytes(Buffer.from(compact, 'base64'))
}
