/** A match has at least 4 bytes, and its distance fits in 16 bits. */
const LEAST_MATCH = 4
const MOST_DISTANCE = 0xffff
/** The last match begins at least 12 bytes before the end of the block, and the last 5 bytes are literals. */
const LAST_START = 12
const LAST_LITERALS = 5
/** A length of this size or more continues in further bytes. */
const IN_TOKEN = 15
/** Earlier places with the same hash that are compared. With 64, files become 2 % smaller, in twice the time. */
const TRIES = 16
const HASH_BITS = 15

/**
 * Compresses one block at a time. All of it is integer arithmetic in a fixed order, so the output is the same on every
 * machine and with every version of Node; that of zlib is not.
 *
 * Source: LZ4 Block Format Description (doc/lz4_Block_format.md of github.com/lz4/lz4).
 */
export class Lz4 {
  /** By hash: the last place that had it. */
  readonly #last = new Int32Array(1 << HASH_BITS)
  /** By place: the place before it with the same hash. */
  readonly #before: Int32Array
  readonly #out: Uint8Array
  #length = 0

  /** @param most the largest number of bytes of a block */
  constructor(most: number) {
    this.#before = new Int32Array(most)
    this.#out = new Uint8Array(most)
  }

  /** @returns the compressed block, valid until the next call; undefined if it would not be smaller */
  compress(block: Uint8Array): Uint8Array | undefined {
    this.#last.fill(-1)
    this.#length = 0
    let literals = 0
    for (let at = 0; at < block.length - LAST_START; ) {
      const from = this.#best(block, at)
      if (from === undefined) {
        this.#remember(block, at)
        at += 1
        continue
      }
      const { distance, length } = from
      // the token, the literals, two bytes of distance, and a byte more for each 255 of a length
      if (this.#length + (at - literals) * 1.01 + length / 255 + 8 > block.length) return undefined
      this.#sequence(block.subarray(literals, at), distance, length)
      const end = at + length
      for (; at < end; at++) this.#remember(block, at)
      literals = end
    }
    if (this.#length + (block.length - literals) * 1.01 + 3 >= block.length) return undefined
    this.#literals(block.subarray(literals), 0)
    return this.#out.subarray(0, this.#length)
  }

  /** The longest match among the last places with the same hash; of equal ones the nearest. */
  #best(block: Uint8Array, at: number): { readonly distance: number; readonly length: number } | undefined {
    let [length, distance] = [LEAST_MATCH - 1, 0]
    let place = this.#last[hashAt(block, at)] ?? -1
    for (let tries = TRIES; tries > 0 && place >= 0 && at - place <= MOST_DISTANCE; tries--) {
      if (block[place + length] === block[at + length]) {
        const found = commonLength(block, place, at)
        if (found > length) [length, distance] = [found, at - place]
      }
      place = this.#before[place] ?? -1
    }
    return distance === 0 ? undefined : { distance, length }
  }

  #remember(block: Uint8Array, at: number): void {
    const hash = hashAt(block, at)
    this.#before[at] = this.#last[hash] ?? -1
    this.#last[hash] = at
  }

  #sequence(literals: Uint8Array, distance: number, length: number): void {
    this.#literals(literals, Math.min(length - LEAST_MATCH, IN_TOKEN))
    this.#put(distance & 0xff)
    this.#put(distance >>> 8)
    this.#rest(length - LEAST_MATCH)
  }

  #literals(literals: Uint8Array, matchInToken: number): void {
    this.#put((Math.min(literals.length, IN_TOKEN) << 4) | matchInToken)
    this.#rest(literals.length)
    this.#out.set(literals, this.#length)
    this.#length += literals.length
  }

  /** The part of a length that its token has no room for. */
  #rest(length: number): void {
    if (length < IN_TOKEN) return
    let rest = length - IN_TOKEN
    for (; rest >= 255; rest -= 255) this.#put(255)
    this.#put(rest)
  }

  #put(byte: number): void {
    this.#out[this.#length] = byte
    this.#length += 1
  }
}

/** Of the four bytes at a place. */
function hashAt(block: Uint8Array, at: number): number {
  const four =
    (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8) | ((block[at + 2] ?? 0) << 16) | ((block[at + 3] ?? 0) << 24)
  // Knuth's multiplicative hash: 2^32 divided by the golden ratio
  return Math.imul(four, 0x9e3779b1) >>> (32 - HASH_BITS)
}

function commonLength(block: Uint8Array, before: number, at: number): number {
  const most = block.length - LAST_LITERALS - at
  let length = 0
  while (length < most && block[before + length] === block[at + length]) length += 1
  return length
}
