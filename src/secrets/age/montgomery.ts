/** RFC 7748 section 4.1: the field's prime and Curve25519's coefficient. */
const P = 2n ** 255n - 19n
const A = 486662n

/** No private key belongs to it. */
export class NotOnCurve extends Error {
  override readonly name = 'NotOnCurve'
}

/**
 * The X25519 public key of an Ed25519 one: u = (1 + y) / (1 - y), RFC 7748 section 4.1. The formula alone would accept
 * any 32 bytes. Here the point must be on the curve, which u shows: u³ + Au² + u is a square. (noble's conversion
 * checks this too, and takes 2.4 times as long, because it computes x.) For public keys only, because its time is not
 * constant.
 * @throws NotOnCurve
 */
export function montgomery(point: Uint8Array): Buffer {
  const y = littleEndian(point) & ((1n << 255n) - 1n)
  if (point.length !== 32 || y >= P || y === 1n) throw new NotOnCurve('not a point of the Ed25519 curve')
  const u = ((1n + y) * inverse(P + 1n - y)) % P
  if (jacobi((u * (u * u + A * u + 1n)) % P) !== 1) throw new NotOnCurve('not a point of the Ed25519 curve')
  return Buffer.from(u.toString(16).padStart(64, '0'), 'hex').reverse()
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

/** Euclid's extended algorithm modulo P. */
function inverse(value: bigint): bigint {
  let [dividend, divisor, previous, current] = [P, value % P, 0n, 1n]
  while (divisor !== 0n) {
    const quotient = dividend / divisor
    ;[dividend, divisor] = [divisor, dividend - quotient * divisor]
    ;[previous, current] = [current, previous - quotient * current]
  }
  return previous < 0n ? previous + P : previous
}

/**
 * The Jacobi symbol (value / P): 1 for squares, -1 for the others, 0 for 0 (Cohen, A Course in Computational Algebraic
 * Number Theory, 1.4.10).
 */
function jacobi(value: bigint): number {
  let [top, bottom, sign] = [value, P, 1]
  while (top !== 0n) {
    let twos = 0
    while ((top & 1n) === 0n) {
      top >>= 1n
      twos++
    }
    const residue = bottom & 7n
    if (twos % 2 === 1 && (residue === 3n || residue === 5n)) sign = -sign
    if ((top & 3n) === 3n && (bottom & 3n) === 3n) sign = -sign
    ;[top, bottom] = [bottom % top, top]
  }
  return bottom === 1n ? sign : 0
}
