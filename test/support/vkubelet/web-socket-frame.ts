import { randomBytes } from 'node:crypto'

interface FrameParts {
  /** RFC 6455, section 5.2: 0 goes on, 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number
  readonly payload?: Uint8Array
  readonly isLast?: boolean
  readonly isMasked?: boolean
}

/** A frame as a client sends it, made by other means than those that read it. */
export function webSocketFrame({
  opcode,
  payload = Buffer.alloc(0),
  isLast = true,
  isMasked = true,
}: FrameParts): Buffer {
  const { length } = payload
  const size = length < 126 ? Buffer.alloc(1) : Buffer.alloc(3)
  if (length >= 126) size.writeUInt16BE(length, 1)
  size[0] = (isMasked ? 0x80 : 0) | Math.min(length, 126)
  const mask = randomBytes(4)
  const bytes = isMasked ? payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)) : payload
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), size, ...(isMasked ? [mask] : []), bytes])
}
