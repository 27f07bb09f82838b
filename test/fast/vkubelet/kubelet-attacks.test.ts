import { once } from 'node:events'
import { beforeEach, describe, expect, test } from 'vitest'
import { limits } from '../../../src/vkubelet/server/limits.ts'
import { until } from '../../support/until.ts'
import {
  apiServer,
  ask,
  node,
  open,
  raw,
  reached,
  serveAnswers,
  upgradeOf,
} from '../../support/vkubelet/answering-server.ts'

beforeEach(serveAnswers)

describe('attack:', () => {
  test('strangers hold connections open: the API server gets in', async () => {
    const held = await Promise.all(Array.from({ length: limits.strangers + 8 }, () => open({})))
    for (const socket of held) socket.resume()
    expect((await ask('/healthz', { as: apiServer })).status).toBe(200)
    await until('the first ones are closed', () => held.filter((one) => one.destroyed).length >= 8)
    for (const socket of held) socket.destroy()
  })

  test('headers without end close the connection, whoever sends them', async () => {
    const headers = `GET /healthz HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(limits.headerBytes)}`
    for (const asking of [{}, { as: apiServer }]) await raw(asking, headers)
    expect(reached).toEqual([])
  })

  test('requests that do not wait for an answer', async () => {
    const logs = 'GET /containerLogs/default/web/main HTTP/1.1\r\nHost: x\r\n\r\n'
    await raw({ as: apiServer }, logs.repeat(50))
    expect(reached.filter((one) => one === 'logs').length).toBeLessThanOrEqual(1)
  })

  test.each([
    ['bytes that are no TLS', Buffer.alloc(3_000, 0xff)],
    ['words', Buffer.from('POST /exec\n\n')],
    ['an upgrade in two requests', Buffer.from(`GET /pods HTTP/1.1\r\nHost: x\r\n\r\n${upgradeOf('/exec/a/b/c')}`)],
    [
      'a body without end',
      Buffer.from('POST /exec/a/b/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffff'),
    ],
    ['two lengths', Buffer.from('POST /pods HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab')],
  ])('%s', async (_what, bytes) => {
    for (const as of [undefined, node]) {
      const socket = await open(as === undefined ? {} : { as })
      socket.end(bytes)
      socket.resume()
      await once(socket, 'close')
    }
    expect((await ask('/healthz', { as: apiServer })).status).toBe(200)
    expect(reached).toEqual(['health'])
  })
})
