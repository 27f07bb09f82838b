/** A packet of OpenPGP, with the number of its type. */
interface Packet {
  readonly tag: number
  readonly body: Uint8Array
}

/**
 * The packets of a binary OpenPGP text (RFC 9580, section 4.2); undefined if it is none, or has a packet whose length is not
 * in its header: keys have none.
 */
export function packetsOf(bytes: Uint8Array): readonly Packet[] | undefined {
  const packets: Packet[] = []
  for (let at = 0; at < bytes.length; ) {
    const header = headerAt(bytes, at)
    if (header === undefined) return undefined
    const end = header.start + header.length
    if (end > bytes.length) return undefined
    packets.push({ tag: header.tag, body: bytes.subarray(header.start, end) })
    at = end
  }
  return packets
}

interface Header {
  readonly tag: number
  /** Of the body. */
  readonly start: number
  readonly length: number
}

function headerAt(bytes: Uint8Array, at: number): Header | undefined {
  const first = bytes[at] ?? 0
  if ((first & 0x80) === 0) return undefined
  if ((first & 0x40) === 0) {
    const octets = [1, 2, 4][first & 3]
    return octets === undefined ? undefined : withLength((first >> 2) & 0xf, bytes, at + 1, octets)
  }
  const tag = first & 0x3f
  const one = bytes[at + 1] ?? 0
  if (one < 192) return { tag, start: at + 2, length: one }
  if (one < 224) return { tag, start: at + 3, length: ((one - 192) << 8) + (bytes[at + 2] ?? 0) + 192 }
  return one === 255 ? withLength(tag, bytes, at + 2, 4) : undefined
}

/** With a length in big-endian octets. A cut header has a body that is cut as well. */
function withLength(tag: number, bytes: Uint8Array, at: number, octets: number): Header {
  const length = bytes.subarray(at, at + octets).reduce((sum, octet) => sum * 256 + octet, 0)
  return { tag, start: at + octets, length }
}
