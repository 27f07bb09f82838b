/** Bytes that are not what DER would have written. The message is for the one whose request it is. */
export class DerFault extends Error {}

export interface DerValue {
  readonly tag: number
  readonly contents: Buffer
  /** With its tag and length. */
  readonly whole: Buffer
}

/** What a value is (X.690 section 8.1.2): the universal tags that a request has. */
export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8: 0x0c,
  printable: 0x13,
  sequence: 0x30,
  set: 0x31,
} as const

/**
 * The values in bytes, one after the other, and nothing else (ITU-T X.690, section 10: DER has one encoding for a value).
 * Only what a certificate request has: tags of one byte, lengths below 64 kB.
 * @throws DerFault for all else
 */
export function readAll(bytes: Buffer): readonly DerValue[] {
  const values: DerValue[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = readAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

/** The one value in bytes, with a tag. @throws DerFault */
export function readOne(bytes: Buffer, tag: number, what: string): DerValue {
  const [value, more] = readAll(bytes)
  if (value === undefined || more !== undefined || value.tag !== tag) throw new DerFault(`no ${what}`)
  return value
}

function readAt(bytes: Buffer, at: number): DerValue {
  const [tag, first] = [bytes[at], bytes[at + 1]]
  if (tag === undefined || first === undefined) throw new DerFault('a value that ends in its header')
  if ((tag & 0x1f) === 0x1f) throw new DerFault('a tag of several bytes')
  const { length, start } = lengthAt(bytes, at + 1, first)
  const end = start + length
  if (end > bytes.length) throw new DerFault('a value that is longer than what it is in')
  return { tag, contents: bytes.subarray(start, end), whole: bytes.subarray(at, end) }
}

function lengthAt(bytes: Buffer, at: number, first: number): { readonly length: number; readonly start: number } {
  if (first < 0x80) return { length: first, start: at + 1 }
  const count = first - 0x80
  if (count !== 1 && count !== 2) throw new DerFault('a length without end, or of too many bytes')
  const digits = bytes.subarray(at + 1, at + 1 + count)
  if (digits.length < count) throw new DerFault('a value that ends in its header')
  const length = digits.readUIntBE(0, count)
  if (length < (count === 1 ? 0x80 : 0x100)) throw new DerFault('a length that is longer than needed')
  return { length, start: at + 1 + count }
}
