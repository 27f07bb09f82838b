/**
 * The two messages of the health protocol (grpc.health.v1, HealthCheckRequest and HealthCheckResponse) in the frames of gRPC:
 * one byte for no compression, four for the length, the message in the encoding of protocol buffers.
 */
export const HEALTH_CHECK = '/grpc.health.v1.Health/Check'

/** Bytes of an answer: a message has two. */
export const LONGEST_ANSWER = 1024

/** @param service empty: the server as a whole */
export function checkRequest(service: string): Buffer {
  const name = Buffer.from(service)
  // field 1, with a length; nothing for an empty one
  const message =
    name.length === 0 ? Buffer.alloc(0) : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name])
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)]
}

/** Whether an answer says SERVING, which is 1 of field 1. Any other answer does not, also one that is cut off. */
export function isServing(answer: Buffer): boolean {
  if (answer.length < 5 || answer[0] !== 0 || answer.readUInt32BE(1) !== answer.length - 5) return false
  return answer.length === 7 && answer[5] === 0x08 && answer[6] === 1
}
