/** ASN.1's distinguished encoding (ITU-T X.690), as much of it as one certificate needs. */
export const der = {
  sequence: (...parts: readonly Uint8Array[]) => value(0x30, ...parts),
  set: (...parts: readonly Uint8Array[]) => value(0x31, ...parts),
  /** [n] EXPLICIT */
  tagged: (n: number, part: Uint8Array) => value(0xa0 + n, part),
  /** [n] IMPLICIT, of a type that is not made of parts */
  implicit: (n: number, bytes: Uint8Array) => value(0x80 + n, bytes),
  true: () => value(0x01, Uint8Array.of(0xff)),
  /** @param bytes big-endian, the highest bit not set, without an unnecessary zero before it */
  integer: (bytes: Uint8Array) => value(0x02, bytes),
  bits: (bytes: Uint8Array, unused = 0) => value(0x03, Uint8Array.of(unused), bytes),
  octets: (...parts: readonly Uint8Array[]) => value(0x04, ...parts),
  utf8: (text: string) => value(0x0c, Buffer.from(text)),
  oid: (dotted: string) => value(0x06, oidBytes(dotted)),
  /** RFC 5280 section 4.1.2.5: two digits of the year until 2049, four from 2050 on; whole seconds. */
  time(milliseconds: number): Uint8Array {
    const text = `${new Date(milliseconds).toISOString().replace(/\.\d+|[-:T]/g, '')}`
    return text < '2050' ? value(0x17, Buffer.from(text.slice(2))) : value(0x18, Buffer.from(text))
  },
}

function value(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag, ...length(contents.length)), contents])
}

function length(bytes: number): readonly number[] {
  if (bytes < 0x80) return [bytes]
  return bytes < 0x100 ? [0x81, bytes] : [0x82, bytes >> 8, bytes & 0xff]
}

function oidBytes(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return Uint8Array.from([first * 40 + second, ...rest].flatMap(base128))
}

function base128(arc: number): number[] {
  const digits = [arc & 0x7f]
  for (let high = arc >> 7; high > 0; high >>= 7) digits.unshift((high & 0x7f) | 0x80)
  return digits
}
