import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import { SpdyAnswers } from '../../support/vkubelet/spdy-answers.ts'
import { data, SpdyClient } from '../../support/vkubelet/spdy-client.ts'
import { WebSocketAnswers } from '../../support/vkubelet/web-socket-answers.ts'
import { FORWARD, node, raw, serveNode } from '../../support/vkubelet/web-socket-clients.ts'
import { webSocketFrame } from '../../support/vkubelet/web-socket-frame.ts'

beforeEach(serveNode)

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
