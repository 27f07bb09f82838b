import { once } from 'node:events'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../../src/vkubelet/server/limits.ts'
import { until } from '../../support/until.ts'
import {
  CAT,
  EXEC,
  FORWARD,
  KEY,
  node,
  on,
  opened,
  raw,
  serveNode,
  V4,
  V5,
  VERSION,
} from '../../support/vkubelet/web-socket-clients.ts'
import { webSocketFrame } from '../../support/vkubelet/web-socket-frame.ts'

beforeEach(serveNode)

describe('attack:', () => {
  test.each([
    ['no key', { headers: VERSION }],
    ['a key that is none', { headers: `Sec-WebSocket-Key: x\r\n${VERSION}` }],
    ['another version', { headers: `${KEY}Sec-WebSocket-Version: 12\r\n` }],
    ['a POST', { method: 'POST' }],
  ])('a handshake with %s is refused, and no command runs', async (_what, more) => {
    const { socket, answered } = await raw(CAT, more)
    if (!socket.destroyed) await once(socket, 'close')
    expect(answered()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json\r\n/)
    expect(node.commands.begun).toEqual([])
  })

  test.each<[string, () => Buffer | Buffer[]]>([
    ['text', () => webSocketFrame({ opcode: 1, payload: on(0, 'x') })],
    ['a frame without a mask', () => webSocketFrame({ opcode: 2, payload: on(0, 'x'), isMasked: false })],
    ['a message on no channel', () => webSocketFrame({ opcode: 2, payload: on(9, 'x') })],
    ['a frame that goes on with nothing', () => webSocketFrame({ opcode: 0, payload: on(0, 'x') })],
    ['a frame of no kind', () => webSocketFrame({ opcode: 5 })],
    ['a ping in parts', () => webSocketFrame({ opcode: 9, isLast: false })],
    ['a message that is too long', () => Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0x40, 0, 0, 0, 1, 2, 3, 4])],
    [
      'a message of very many frames',
      () => [
        webSocketFrame({ opcode: 2, isLast: false }),
        ...Array.from({ length: limits.messageFragments + 1 }, () => webSocketFrame({ opcode: 0, isLast: false })),
      ],
    ],
  ])('%s ends the connection and its command', async (_what, make) => {
    const { socket, answered } = await raw(CAT)
    await until('it runs', () => node.commands.open === 1 && answered().includes('\r\n\r\n'))
    socket.write(Buffer.concat([make()].flat()))
    await until('it is ended', () => node.commands.open === 0)
    await until('it is closed', () => socket.destroyed)
  })

  test('pings without end, whose answers nobody reads, end the connection', async () => {
    const { socket, answered } = await raw(CAT)
    await until('it runs', () => node.commands.open === 1 && answered().includes('\r\n\r\n'))
    socket.pause()
    const pings = Buffer.concat(
      Array.from({ length: 500 }, () => webSocketFrame({ opcode: 9, payload: Buffer.alloc(125) })),
    )
    let sent = 0
    while (!socket.destroyed && sent < 2_000) {
      sent += 1
      if (!socket.write(pings))
        await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined)
    }
    await until('it is ended', () => node.commands.open === 0)
  })

  const frames = fc.oneof(
    fc
      .record({
        opcode: fc.constantFrom(0, 1, 2, 2, 2, 2, 8, 9, 10, 15),
        channel: fc.constantFrom(0, 0, 1, 3, 4, 5, 255),
        bytes: fc.uint8Array({ maxLength: 60 }),
        isLast: fc.boolean(),
        isMasked: fc.constantFrom(true, true, true, true, false),
      })
      .map(({ channel, bytes, ...parts }) => webSocketFrame({ ...parts, payload: Buffer.from([channel, ...bytes]) })),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  )

  test('whatever comes, in pieces of any size, the server lives, and no command stays', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          [CAT, V5] as const,
          [`${CAT}&tty=1`, V4] as const,
          ['/portForward/default/uptimed', FORWARD] as const,
        ),
        fc.array(frames, { maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        async ([path, protocol], parts, size) => {
          const { socket } = await raw(path, { protocol })
          const bytes = Buffer.concat(parts)
          for (let at = 0; at < bytes.length; at += size) socket.write(bytes.subarray(at, at + size))
          socket.end()
          if (!socket.destroyed) await once(socket, 'close')
        },
      ),
      { numRuns: 60 },
    )
    await until('no command is left', () => node.commands.open === 0)
    const { code } = await opened(`${EXEC}?command=exit&command=0&output=1`)
    await until('the server lives', () => code() === 1000)
    expect(node.lines.filter((line) => line.startsWith('<3>'))).toEqual([])
  })
})
