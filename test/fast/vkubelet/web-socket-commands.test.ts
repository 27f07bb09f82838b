import { once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import {
  CAT,
  EXEC,
  FORWARD,
  node,
  on,
  opened,
  raw,
  serveNode,
  V4,
  V5,
  webSocket,
} from '../../support/vkubelet/web-socket-clients.ts'
import { webSocketFrame } from '../../support/vkubelet/web-socket-frame.ts'

beforeEach(serveNode)

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
