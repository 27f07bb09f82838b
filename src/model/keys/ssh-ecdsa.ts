import { createPublicKey, type KeyObject } from 'node:crypto'
import { sshBlob, sshFields } from './ssh-fields.ts'

const TYPE = 'ecdsa-sha2-nistp256'
const CURVE = 'nistp256'
/** Bytes of a coordinate on P-256. */
const WIDTH = 32

/** A public key on P-256 as SSH writes it (RFC 5656 section 3.1). */
export function sshEcdsaBlob(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const point = [Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]
  return sshBlob(TYPE, CURVE, Buffer.concat([Uint8Array.of(4), ...point]))
}

/** The key of such a blob; undefined for anything else, and for a point that is not on the curve. */
export function sshEcdsaKey(blob: Buffer): KeyObject | undefined {
  const [type, curve, point] = sshFields(blob, 3) ?? []
  if (type?.toString() !== TYPE || curve?.toString() !== CURVE) return undefined
  if (point?.length !== 1 + 2 * WIDTH || point[0] !== 4) return undefined
  const [x, y] = [point.subarray(1, 1 + WIDTH), point.subarray(1 + WIDTH)].map((one) => one.toString('base64url'))
  if (x === undefined || y === undefined) return undefined
  try {
    return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  } catch {
    return undefined
  }
}

/**
 * A signature of such a key (RFC 5656 section 3.1.2) as two numbers of fixed width, as IEEE P1363 has it.
 * @returns undefined for anything else
 */
export function sshEcdsaSignature(blob: Buffer): Buffer | undefined {
  const [type, numbers] = sshFields(blob, 2) ?? []
  if (type?.toString() !== TYPE || numbers === undefined) return undefined
  const [r, s] = (sshFields(numbers, 2) ?? []).map(fixedWidth)
  return r === undefined || s === undefined ? undefined : Buffer.concat([r, s])
}

/** RFC 4251 section 5, mpint: a zero byte comes first where the number would seem negative, and no other does. */
function fixedWidth(number: Buffer): Buffer | undefined {
  const [first = 0, second = 0] = number
  if (first >= 0x80 || (first === 0 && second < 0x80)) return undefined
  const bytes = first === 0 ? number.subarray(1) : number
  return bytes.length > WIDTH ? undefined : Buffer.concat([Buffer.alloc(WIDTH - bytes.length), bytes])
}
