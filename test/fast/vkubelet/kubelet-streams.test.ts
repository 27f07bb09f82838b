import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { ServedNode } from '../../support/vkubelet/served-node.ts'
import { SpdyAnswers } from '../../support/vkubelet/spdy-answers.ts'
import { control, data, goaway, ping, reset, SpdyClient } from '../../support/vkubelet/spdy-client.ts'

let node: ServedNode
const sockets = new Set<TLSSocket>()

beforeEach(async () => {
  node = new ServedNode()
  await node.listen()
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  sockets.clear()
  await node.close()
})

const head = (path: string, protocol: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`
const EXEC = '/exec/default/uptimed/uptimed'

/** @returns the socket, the first lines of the answer, and what comes on the streams */
async function upgraded(path: string, protocol = 'v4.channel.k8s.io') {
  const socket = connect(node.client)
  sockets.add(socket)
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  const answers = new SpdyAnswers()
  let start = ''
  socket.on('data', (bytes: Buffer) => {
    const at = start.endsWith('\r\n\r\n') ? -1 : bytes.indexOf('\r\n\r\n')
    if (start.endsWith('\r\n\r\n')) return answers.add(bytes)
    start += bytes.toString('latin1', 0, at === -1 ? bytes.length : at + 4)
    if (at !== -1 && start.startsWith('HTTP/1.1 101')) answers.add(bytes.subarray(at + 4))
    else if (at !== -1) start += bytes.toString('latin1', at + 4)
  })
  socket.write(head(path, protocol))
  await until('an answer', () => start.includes('\r\n\r\n') || socket.destroyed)
  return { socket, answers, status: () => start.slice(9, 12), words: () => start }
}

const streamsOf = (client: SpdyClient, types: readonly string[]) =>
  Buffer.concat(types.map((streamtype, index) => client.open(index * 2 + 1, { streamtype })))

describe('a command', () => {
  test('gets its input and gives its output, with all at once', async () => {
    const { socket, answers } = await upgraded(`${EXEC}?command=cat&input=1&output=1`)
    const client = new SpdyClient()
    // before the command could begin
    socket.write(
      Buffer.concat([streamsOf(client, ['error', 'stdin', 'stdout']), data(3, 'hello '), data(3, 'world', 1)]),
    )
    await until('it ends', () => answers.ended.has(1) && answers.ended.has(5))
    expect(answers.text(5)).toBe('hello world')
    expect(JSON.parse(answers.text(1))).toMatchObject({ status: 'Success' })
    expect([...answers.replies]).toEqual([1, 3, 5])
  })

  test('tells its exit code', async () => {
    const { socket, answers } = await upgraded(`${EXEC}?command=exit&command=7&output=1`)
    socket.write(streamsOf(new SpdyClient(), ['error', 'stdout']))
    await until('it ends', () => answers.ended.has(1))
    expect(JSON.parse(answers.text(1)).details.causes).toEqual([{ reason: 'ExitCode', message: '7' }])
  })

  test('gets the size of its terminal, also one that came before it began', async () => {
    const { socket } = await upgraded(`${EXEC}?command=cat&input=1&output=1&tty=1`)
    const client = new SpdyClient()
    const size = (width: number) => data(7, `{"Width":${width},"Height":24}\n`)
    socket.write(Buffer.concat([streamsOf(client, ['error', 'stdin', 'stdout', 'resize']), size(80)]))
    await until('it has a size', () => node.commands.sizes.length === 1)
    socket.write(size(132))
    await until('it has another', () => node.commands.sizes.length === 2)
    expect(node.commands.sizes).toEqual([
      { width: 80, height: 24 },
      { width: 132, height: 24 },
    ])
  })

  test('is ended when its client goes', async () => {
    const { socket } = await upgraded(`${EXEC}?command=cat&input=1&output=1`)
    socket.write(streamsOf(new SpdyClient(), ['error', 'stdin', 'stdout']))
    await until('it runs', () => node.commands.open === 1)
    socket.destroy()
    await until('it is ended', () => node.commands.ended === 1 && node.commands.open === 0)
  })

  test('that takes its input slowly has one listener for it, and not one for each piece', async () => {
    const warned: string[] = []
    const take = ({ name }: Error) => warned.push(name)
    process.on('warning', take)
    const { socket, answers } = await upgraded(`${EXEC}?command=cat&input=1&output=1`)
    socket.write(streamsOf(new SpdyClient(), ['error', 'stdin', 'stdout']))
    await until('it runs', () => node.commands.open === 1)
    const input = 'x'.repeat(1_000_000)
    socket.write(data(3, input))
    await until('it comes back', () => answers.text(5).length === input.length)
    process.off('warning', take)
    expect(warned).toEqual([])
  })

  test('whose client does not read takes no memory', async () => {
    const { socket } = await upgraded(`${EXEC}?command=cat&input=1&output=1`)
    socket.write(streamsOf(new SpdyClient(), ['error', 'stdin', 'stdout']))
    await until('it runs', () => node.commands.open === 1)
    socket.pause()
    const before = process.memoryUsage().arrayBuffers
    const piece = data(3, Buffer.alloc(65_536))
    let sent = 0
    const end = performance.now() + 1_500
    while (sent < 4_000 && performance.now() < end) {
      sent += 1
      if (!socket.write(piece)) await Promise.race([once(socket, 'drain'), once(AbortSignal.timeout(300), 'abort')])
      if (socket.writableLength > 4_000_000) break
    }
    // 250 MB would have been taken; what waits is in the kernel's buffers, and on the client's side of this process
    expect(process.memoryUsage().arrayBuffers - before - socket.writableLength).toBeLessThan(30_000_000)
    socket.resume()
  })

  test.each([
    ['exec without a command', `${EXEC}?output=1`, 'v4.channel.k8s.io', '400', 'you must specify a command'],
    ['exec without a stream', `${EXEC}?command=id`, 'v4.channel.k8s.io', '400', 'at least 1'],
    [
      'a container that is not there',
      '/exec/default/uptimed/other?command=id&output=1',
      'v4.channel.k8s.io',
      '404',
      'not found in pod',
    ],
    [
      'a Pod that is not there',
      '/exec/default/other/uptimed?command=id&output=1',
      'v4.channel.k8s.io',
      '404',
      'not found on this Node',
    ],
    [
      'a namespace that is not its own',
      '/exec/kube-system/uptimed/uptimed?command=id&output=1',
      'v4.channel.k8s.io',
      '404',
      'not found on this Node',
    ],
    [
      'attach with stdin',
      '/attach/default/uptimed/uptimed?input=1&output=1',
      'v4.channel.k8s.io',
      '400',
      'which has no stdin',
    ],
    ['an older protocol', `${EXEC}?command=id&output=1`, 'v3.channel.k8s.io', '403', 'v4.channel.k8s.io'],
  ])('%s is refused in words', async (_what, path, protocol, status, words) => {
    const answer = await upgraded(path, protocol)
    await until('it is closed', () => answer.socket.destroyed || answer.socket.readableEnded)
    expect(answer.status()).toBe(status)
    expect(answer.words()).toContain(words)
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

  test('brings each connection to the port, and back', async () => {
    const { socket, answers } = await upgraded('/portForward/default/uptimed', 'portforward.k8s.io')
    const client = new SpdyClient()
    socket.write(
      Buffer.concat([
        pair(client, 1, node.echoPort),
        data(3, 'one'),
        pair(client, 5, node.echoPort),
        data(7, 'two', 1),
      ]),
    )
    await until('both come back', () => answers.text(3) === 'one' && answers.text(7) === 'two')
    await until('the second has ended', () => answers.ended.has(7) && answers.ended.has(5))
    expect(answers.ended.has(3)).toBe(false)
    socket.write(data(3, ' more'))
    await until('the first goes on', () => answers.text(3) === 'one more')
  })

  test('to a port that is not of the Pod says so', async () => {
    const { socket, answers } = await upgraded('/portForward/default/uptimed', 'portforward.k8s.io')
    socket.write(pair(new SpdyClient(), 1, 22))
    await until('it is told', () => answers.ended.has(1))
    expect(answers.text(1)).toBe('no container of this pod listens on port 22')
  })

  test('closes its connections with its client', async () => {
    const { socket, answers } = await upgraded('/portForward/default/uptimed', 'portforward.k8s.io')
    socket.write(Buffer.concat([pair(new SpdyClient(), 1, node.echoPort), data(3, 'x')]))
    await until('it is open', () => answers.text(3) === 'x')
    const count = () => new Promise<number>((resolve) => node.echo.getConnections((_error, number) => resolve(number)))
    expect(await count()).toBe(1)
    socket.destroy()
    await until('it is closed', async () => (await count()) === 0)
  })
})

describe('attack:', () => {
  const frames = (client: SpdyClient) =>
    fc.oneof(
      fc
        .record({
          stream: fc.nat(12),
          type: fc.constantFrom('error', 'stdin', 'stdout', 'resize', 'data', 'x'),
          port: fc.nat(70_000),
        })
        .map(
          ({ stream, type, port: to }) =>
            () =>
              client.open(stream, { streamtype: type, port: `${to}`, requestid: '1' }),
        ),
      fc.record({ stream: fc.nat(12), bytes: fc.uint8Array({ maxLength: 50 }), flags: fc.nat(3) }).map(
        ({ stream, bytes, flags }) =>
          () =>
            data(stream, Buffer.from(bytes), flags),
      ),
      fc.nat(12).map((stream) => () => reset(stream, 5)),
      fc.nat(12).map((id) => () => ping(id)),
      fc.constant(() => goaway()),
      fc.record({ type: fc.nat(12), bytes: fc.uint8Array({ maxLength: 50 }) }).map(
        ({ type, bytes }) =>
          () =>
            control(type, 0, Buffer.from(bytes)),
      ),
      fc.uint8Array({ maxLength: 80 }).map((bytes) => () => Buffer.from(bytes)),
    )

  test('whatever comes, in pieces of any size, the server lives, and no command stays', async () => {
    const client = new SpdyClient()
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          [`${EXEC}?command=cat&input=1&output=1`, 'v4.channel.k8s.io'] as const,
          [`${EXEC}?command=cat&input=1&output=1&tty=1`, 'v4.channel.k8s.io'] as const,
          ['/portForward/default/uptimed', 'portforward.k8s.io'] as const,
        ),
        fc.boolean(),
        fc.array(frames(client), { maxLength: 12 }),
        fc.integer({ min: 1, max: 200 }),
        async ([path, protocol], begins, parts, size) => {
          const { socket } = await upgraded(path, protocol)
          const start = begins ? streamsOf(new SpdyClient(), ['error', 'stdin', 'stdout', 'resize']) : Buffer.alloc(0)
          const bytes = Buffer.concat([start, ...parts.map((make) => make())])
          for (let at = 0; at < bytes.length; at += size) socket.write(bytes.subarray(at, at + size))
          // half a frame, and gone
          socket.end()
          socket.resume()
          if (!socket.destroyed) await once(socket, 'close')
        },
      ),
      { numRuns: 60 },
    )
    await until('no command is left', () => node.commands.open === 0)
    const { answers, socket } = await upgraded(`${EXEC}?command=exit&command=0&output=1`)
    socket.write(streamsOf(new SpdyClient(), ['error', 'stdout']))
    await until('the server lives', () => answers.ended.has(1))
    expect(node.lines.filter((line) => line.startsWith('<3>'))).toEqual([])
  })
})
