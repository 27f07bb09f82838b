import { once } from 'node:events'
import { request } from 'node:https'
import { beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import {
  apiServer,
  ask,
  clientCa,
  lines,
  open,
  raw,
  reached,
  serveAnswers,
  server,
  serving,
  servingCa,
  tls,
  upgradeOf,
} from '../../support/vkubelet/answering-server.ts'
import { ClusterCa } from '../../support/vkubelet/cluster-ca.ts'

beforeEach(serveAnswers)

describe('a request', () => {
  test.each([
    ['GET', '/no/such/path', 404],
    ['POST', '/pods', 405],
    ['POST', '/containerLogs/default/web/main', 405],
    ['GET', '/containerLogs/default/web', 404],
    ['GET', '/containerLogs/default/../main', 404],
    ['GET', '/containerLogs/default/%77eb/main', 404],
    ['POST', '/exec/default/web/main?command=id', 400],
  ])('%s %s: %i', async (method, path, status) => {
    expect((await ask(path, { as: apiServer, method })).status).toBe(status)
    expect(reached).toEqual([])
  })

  test('of a log begins before there is a line, and ends with its client', async () => {
    const asked = request({ ...tls({ as: apiServer }), path: '/containerLogs/default/web/main', agent: false }).end()
    const [response] = await once(asked, 'response')
    expect(response.statusCode).toBe(200)
    asked.destroy()
    await until('the log ends', () => reached.includes('logs ended'))
  })

  test('that fails is logged without the words of a command', async () => {
    const socket = await open({ as: apiServer })
    socket.write(upgradeOf('/exec/default/web/main?command=hunter2&output=1'))
    const [answer] = await once(socket, 'data')
    expect(`${answer}`).toMatch(/^HTTP\/1\.1 500 /)
    expect(lines.join('')).toContain('/exec/default/web/main')
    expect(lines.join('')).not.toContain('hunter2')
    socket.destroy()
  })

  test('of a command becomes a stream', async () => {
    const socket = await open({ as: apiServer })
    socket.write(upgradeOf('/exec/default/web/main?command=id&output=1'))
    const [answer] = await once(socket, 'data')
    expect(`${answer}`).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n',
    )
    socket.write('ping')
    expect(`${(await once(socket, 'data'))[0]}`).toBe('ping')
    socket.destroy()
  })

  test.each([
    ['another protocol', upgradeOf('/exec/default/web/main', 'h2c'), 400],
    ['what has none', upgradeOf('/pods', 'SPDY/3.1', 'GET'), 400],
  ])('attack: an upgrade to %s', async (_what, bytes, status) => {
    expect(await raw({ as: apiServer }, bytes)).toContain(`HTTP/1.1 ${status} `)
    expect(reached).toEqual([])
  })
})

describe('a server that runs', () => {
  test('gets another certificate, and keeps what is open', async () => {
    const before = await open({ as: apiServer })
    before.write(upgradeOf('/attach/default/web/main?output=1'))
    await once(before, 'data')
    const credential = servingCa.issue({ subject: [['CN', 'ocean']], purpose: 'server' })
    server.renew({ serving: { credential }, clientCa: clientCa.certificate })
    const after = await open({ as: apiServer })
    expect(after.getPeerX509Certificate()?.toString()).toBe(credential.chain)
    before.write('still here')
    expect(`${(await once(before, 'data'))[0]}`).toBe('still here')
    for (const socket of [before, after]) socket.destroy()
  })

  test('gets another CA, and knows nobody of the old one', async () => {
    const before = await open({ as: apiServer })
    before.write(upgradeOf('/attach/default/web/main?output=1'))
    await once(before, 'data')
    const other = new ClusterCa()
    server.renew({ serving: { credential: serving }, clientCa: other.certificate })
    await once(before, 'close')
    expect((await ask('/pods', { as: apiServer })).status).toBe(401)
    expect((await ask('/pods', { as: other.apiServer() })).status).toBe(200)
  })

  test('without a certificate of its own lets nobody in', async () => {
    server.renew({ clientCa: clientCa.certificate })
    await expect(ask('/healthz', { as: apiServer })).rejects.toThrow()
  })
})
