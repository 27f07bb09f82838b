import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { limits } from '../../../src/vkubelet/server/limits.ts'
import { until } from '../../support/until.ts'
import { ServedNode } from '../../support/vkubelet/served-node.ts'
import { SpdyAnswers } from '../../support/vkubelet/spdy-answers.ts'
import { data, SpdyClient } from '../../support/vkubelet/spdy-client.ts'
import { WebSocketAnswers } from '../../support/vkubelet/web-socket-answers.ts'
import { webSocketFrame } from '../../support/vkubelet/web-socket-frame.ts'

const V5 = 'v5.channel.k8s.io'
const V4 = 'v4.channel.k8s.io'
const FORWARD = 'SPDY/3.1+portforward.k8s.io'
const EXEC = '/exec/default/uptimed/uptimed'
const CAT = `${EXEC}?command=cat&input=1&output=1`

let node: ServedNode
const clients = new Set<WebSocket>()
const sockets = new Set<TLSSocket>()

beforeEach(async () => {
  node = new ServedNode()
  await node.listen()
})
afterEach(async () => {
  for (const client of clients) client.terminate()
  for (const socket of sockets) socket.destroy()
  clients.clear()
  sockets.clear()
  await node.close()
})

/** A client, with what has come on each channel, and the code of the end. */
function webSocket(path: string, protocols: string | string[]) {
  const { host, port, ...tls } = node.client
  const client = new WebSocket(`wss://${host}:${port}${path}`, protocols, tls)
  clients.add(client)
  const channels = new Map<number, string>()
  const messages: Buffer[] = []
  let code = 0
  client.on('error', () => undefined)
  client.on('message', (message) => {
    if (!Buffer.isBuffer(message)) return
    messages.push(message)
    const [channel = 0] = message
    channels.set(channel, (channels.get(channel) ?? '') + message.toString('utf8', 1))
  })
  client.once('close', (with_) => {
    code = with_
  })
  return { client, channels, messages, code: () => code }
}

async function opened(path: string, protocols: string | string[] = V5) {
  const one = webSocket(path, protocols)
  await once(one.client, 'open')
  return one
}

const on = (channel: number, text = '') => Buffer.concat([Buffer.from([channel]), Buffer.from(text)])
/** On v5: nothing more comes on a channel. */
const end = (channel: number) => Buffer.from([255, channel])

describe('a command', () => {
  test('gets its input and gives its output, and the connection closes in order', async () => {
    const { client, channels, code } = await opened(CAT, [V5, V4])
    expect(client.protocol).toBe(V5)
    client.send(on(0, 'hello '))
    client.send(on(0, 'world'))
    client.send(end(0))
    await until('it is closed', () => code() !== 0)
    expect(code()).toBe(1000)
    expect(channels.get(1)).toBe('hello world')
    expect(JSON.parse(channels.get(3) ?? '')).toMatchObject({ status: 'Success' })
    expect([...channels.keys()]).toEqual([1, 3])
  })

  test('tells its exit code', async () => {
    const { channels, code } = await opened(`${EXEC}?command=exit&command=7&output=1`)
    await until('it is closed', () => code() !== 0)
    expect(JSON.parse(channels.get(3) ?? '').details.causes).toEqual([{ reason: 'ExitCode', message: '7' }])
  })

  test('tells its client at once that it is there', async () => {
    const { messages } = await opened(CAT)
    await until('a message', () => messages.length === 1)
    expect(messages).toEqual([Buffer.from([1])])
  })

  test('gets the size of its terminal, with a newline and without', async () => {
    const { client } = await opened(`${CAT}&tty=1`)
    client.send(on(4, '{"Width":80,"Height":24}\n'))
    client.send(on(4, '{"Width":132,"Height":24}'))
    await until('it has both', () => node.commands.sizes.some(({ width }) => width === 132))
  })

  test('of an older client, which can not end its input', async () => {
    const { client, channels } = await opened(CAT, ['channel.k8s.io', V4])
    expect(client.protocol).toBe(V4)
    client.send(on(0, 'hello'))
    await until('it comes back', () => channels.get(1) === 'hello')
    client.close()
    await until('it is ended', () => node.commands.ended === 1 && node.commands.open === 0)
  })

  test('is ended when its client goes', async () => {
    const { client } = await opened(CAT)
    await until('it runs', () => node.commands.open === 1)
    client.terminate()
    await until('it is ended', () => node.commands.ended === 1 && node.commands.open === 0)
  })

  test('takes a message in frames, with pings between them', async () => {
    const { socket, answered } = await raw(CAT)
    await until('it is open', () => answered().includes('101 Switching'))
    const part = (opcode: number, text: string, isLast = false) =>
      webSocketFrame({ opcode, payload: Buffer.from(text), isLast })
    socket.write(Buffer.concat([part(2, '\0one '), part(9, 'ping', true), part(0, 'two '), part(0, 'three', true)]))
    await until('it comes back', () => answered().includes('\u0001one two three'))
    expect(answered()).toContain('ping')
  })

  test('whose client does not read takes no memory', async () => {
    const { client } = await opened(CAT)
    await until('it runs', () => node.commands.open === 1)
    client.pause()
    const before = process.memoryUsage().arrayBuffers
    const piece = on(0, 'x'.repeat(65_536))
    let sent = 0
    // 250 MB would have been taken; what waits is in the kernel's buffers, and on the client's side of this process
    for (; sent < 4_000 && client.bufferedAmount < 4_000_000; sent++) {
      client.send(piece)
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(sent).toBeLessThan(4_000)
    expect(process.memoryUsage().arrayBuffers - before - client.bufferedAmount).toBeLessThan(30_000_000)
  })

  test.each([
    ['exec without a command', `${EXEC}?output=1`, V5, 400, 'you must specify a command'],
    ['a container that is not there', '/exec/default/uptimed/other?command=id&output=1', V5, 404, 'not found in pod'],
    ['a Pod that is not there', '/exec/default/other/uptimed?command=id&output=1', V5, 404, 'not found on this Node'],
    ['attach with stdin', '/attach/default/uptimed/uptimed?input=1&output=1', V5, 400, 'which has no stdin'],
    ['an older protocol', `${EXEC}?command=id&output=1`, 'base64.channel.k8s.io', 403, `speaks ${V5} and ${V4}`],
    ['a port-forward that is none', '/portForward/default/uptimed', 'portforward.k8s.io', 403, `speaks ${FORWARD}`],
    ['a path that has no streams', '/pods', V5, 400, 'no other protocol'],
  ])('%s is refused in words', async (_what, path, protocol, status, words) => {
    const { client } = webSocket(path, protocol)
    const [, response] = await once(client, 'unexpected-response')
    expect(response.statusCode).toBe(status)
    const body = JSON.parse((await response.toArray()).join(''))
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', code: status })
    expect(body.message).toContain(words)
    expect(node.commands.begun).toEqual([])
  })
})

describe('a port-forward', () => {
  const pair = (client: SpdyClient, at: number, to: number) =>
    Buffer.concat(
      ['error', 'data'].map((streamtype, index) =>
        client.open(at + index * 2, { streamtype, port: `${to}`, requestid: `${at}` }),
      ),
    )
  const forward = async () => {
    const { socket, answered } = await raw('/portForward/default/uptimed', { protocol: FORWARD })
    const answers = new SpdyAnswers()
    const messages = new WebSocketAnswers((message) => answers.add(message))
    await until('it is open', () => answered().includes('\r\n\r\n'))
    expect(answered()).toContain(`\r\nSec-WebSocket-Protocol: ${FORWARD}\r\n`)
    socket.on('data', (bytes: Buffer) => messages.add(bytes))
    const send = (payload: Buffer) => socket.write(webSocketFrame({ opcode: 2, payload }))
    return { socket, answers, send }
  }

  test('brings each connection to the port, and back, in messages of any size', async () => {
    const { answers, send } = await forward()
    const spdy = new SpdyClient()
    const big = 'x'.repeat(60_000)
    const bytes = Buffer.concat([pair(spdy, 1, node.echoPort), pair(spdy, 5, node.echoPort), data(7, 'two', 1)])
    for (let at = 0; at < bytes.length; at += 7) send(bytes.subarray(at, at + 7))
    send(data(3, big))
    await until('both come back', () => answers.text(3) === big && answers.text(7) === 'two')
    await until('the second has ended', () => answers.ended.has(7) && answers.ended.has(5))
    expect(answers.ended.has(3)).toBe(false)
  })

  test('to a port that is not of the Pod says so', async () => {
    const { answers, send } = await forward()
    send(pair(new SpdyClient(), 1, 22))
    await until('it is told', () => answers.ended.has(1))
    expect(answers.text(1)).toBe('no container of this pod listens on port 22')
  })

  test('closes its connections with its client', async () => {
    const { socket, answers, send } = await forward()
    send(Buffer.concat([pair(new SpdyClient(), 1, node.echoPort), data(3, 'x')]))
    await until('it is open', () => answers.text(3) === 'x')
    socket.destroy()
    const count = () => new Promise<number>((resolve) => node.echo.getConnections((_error, found) => resolve(found)))
    await until('it is closed', async () => (await count()) === 0)
  })
})

const KEY = 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n'
const VERSION = 'Sec-WebSocket-Version: 13\r\n'
const handshake = (path: string, { method = 'GET', headers = KEY + VERSION, protocol = V5 } = {}) =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers}Sec-WebSocket-Protocol: ${protocol}\r\n\r\n`

/** A client that sends what it likes, after its first lines. */
async function raw(path: string, more: Parameters<typeof handshake>[1] = {}) {
  const socket = connect(node.client)
  sockets.add(socket)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  let found = ''
  socket.on('data', (bytes: Buffer) => {
    found += bytes.toString('latin1')
  })
  socket.write(handshake(path, more))
  return { socket, answered: () => found }
}

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
