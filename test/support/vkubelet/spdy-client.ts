import { constants, deflateRawSync } from 'node:zlib'
import { DICTIONARY } from '../../../src/vkubelet/spdy/dictionary.ts'

/** The bytes that a client sends, made here and by other means than those that read them. */
export class SpdyClient {
  #window = DICTIONARY
  #isFirst = true

  open(stream: number, headers: Readonly<Record<string, string>>, flags = 0): Buffer {
    const fields = Buffer.alloc(10)
    fields.writeUInt32BE(stream)
    return control(1, flags, Buffer.concat([fields, this.compressed(blockOf(Object.entries(headers)))]))
  }

  /** A header block, after those before it. */
  compressed(block: Buffer): Buffer {
    const raw = deflateRawSync(block, { dictionary: this.#window, finishFlush: constants.Z_SYNC_FLUSH })
    this.#window = Buffer.concat([this.#window, block]).subarray(-32_768)
    const header = this.#isFirst ? Buffer.from('78f9e3c6a7c2', 'hex') : Buffer.alloc(0)
    this.#isFirst = false
    return Buffer.concat([header, raw])
  }
}

export function blockOf(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat([
    uint32(headers.length),
    ...headers.flat().flatMap((text) => [uint32(text.length), Buffer.from(text, 'latin1')]),
  ])
}

export function control(type: number, flags: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0x80, 3, 0, type, flags]), uint24(payload.length), payload])
}

export function data(stream: number, bytes: Buffer | string, flags = 0): Buffer {
  const payload = Buffer.from(bytes)
  return Buffer.concat([uint32(stream), Buffer.from([flags]), uint24(payload.length), payload])
}

export function reset(stream: number, status: number): Buffer {
  return control(3, 0, Buffer.concat([uint32(stream), uint32(status)]))
}

export function ping(id: number): Buffer {
  return control(6, 0, uint32(id))
}

export function goaway(): Buffer {
  return control(7, 0, Buffer.alloc(8))
}

export function uint32(number: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(number)
  return bytes
}

function uint24(number: number): Buffer {
  return uint32(number).subarray(1)
}
