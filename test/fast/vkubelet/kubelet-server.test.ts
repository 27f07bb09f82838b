import { once } from 'node:events'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { logTo } from '../../../src/agent/log.ts'
import { gate } from '../../../src/vkubelet/server/gate.ts'
import { type KubeletAnswers, text } from '../../../src/vkubelet/server/kubelet-answers.ts'
import { limits } from '../../../src/vkubelet/server/limits.ts'
import { type Serving, serveKubelet } from '../../../src/vkubelet/server/serve-kubelet.ts'
import { acceptUpgrade } from '../../../src/vkubelet/server/upgraded.ts'
import { until } from '../../support/until.ts'
import { ClusterCa } from '../../support/vkubelet/cluster-ca.ts'
import { ReviewsApi } from '../../support/vkubelet/reviews-api.ts'

/** Certificates take a while to make, and a server does not change them. */
const clientCa = new ClusterCa()
const servingCa = new ClusterCa()
const serving = servingCa.issue({ subject: [['CN', 'ocean']], purpose: 'server' })
const apiServer = clientCa.apiServer()
const node = clientCa.node('maia')

const lines: string[] = []
let api: ReviewsApi
let server: Serving
const reached: string[] = []

const answers: KubeletAnswers = {
  async plain({ kind }) {
    reached.push(kind)
    return text(200, kind)
  },
  async logs(_request, response, signal) {
    reached.push('logs')
    response.writeHead(200).flushHeaders()
    await once(signal, 'abort')
    reached.push('logs ended')
  },
  async stream({ kind, ...asked }, upgraded) {
    reached.push(kind)
    if ('query' in asked && asked.query.has('command', 'hunter2')) throw new Error('cannot be done')
    acceptUpgrade(upgraded, 'v4.channel.k8s.io')
    upgraded.socket.on('data', (bytes) => upgraded.socket.write(bytes))
    upgraded.socket.resume()
  },
}

beforeEach(async () => {
  lines.length = 0
  reached.length = 0
  api = new ReviewsApi()
  const read = await api.listen()
  server = await serveKubelet({
    identity: { serving: { credential: serving }, clientCa: clientCa.certificate },
    port: 0,
    mayAsk: gate({ read, node: 'ocean' }),
    answers,
    log: logTo({ write: (line) => lines.push(line) }, 'debug'),
  })
})
afterEach(async () => {
  await server.close()
  await api.close()
})

interface Asking {
  readonly as?: { readonly chain: string; readonly key: string }
  readonly token?: string
  readonly method?: string
}

const tls = ({ as }: Asking) => ({
  host: '127.0.0.1',
  port: server.port,
  ca: servingCa.certificate,
  ...(as === undefined ? {} : { cert: as.chain, key: as.key }),
})

async function ask(path: string, asking: Asking = {}): Promise<{ status: number; body: string }> {
  const { token, method = 'GET' } = asking
  const asked = request({
    ...tls(asking),
    path,
    method,
    agent: false,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  }).end()
  const [response] = await once(asked, 'response')
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part)
  return { status: response.statusCode, body: Buffer.concat(parts).toString() }
}

async function open(asking: Asking): Promise<TLSSocket> {
  const socket = connect(tls(asking))
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

async function raw(asking: Asking, bytes: Buffer | string): Promise<string> {
  const socket = await open(asking)
  socket.write(bytes)
  const parts: Buffer[] = []
  socket.on('data', (part) => parts.push(part))
  await once(socket, 'close')
  return Buffer.concat(parts).toString('latin1')
}

const upgradeOf = (path: string, protocol = 'SPDY/3.1', method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nX-Stream-Protocol-Version: v5.channel.k8s.io\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n`

describe('who may ask', () => {
  test('the API server', async () => {
    expect(await ask('/healthz', { as: apiServer })).toEqual({ status: 200, body: 'health\n' })
    expect(await ask('/pods', { as: apiServer })).toEqual({ status: 200, body: 'pods\n' })
  })

  test('a program with a token, as far as it was granted', async () => {
    expect(await ask('/metrics/resource', { token: 'sesame' })).toMatchObject({ status: 200 })
    expect(await ask('/stats/summary', { token: 'sesame' })).toMatchObject({ status: 200 })
    expect(await ask('/pods', { token: 'sesame' })).toMatchObject({ status: 403 })
  })

  test.each<[string, Asking, number]>([
    ['nobody', {}, 401],
    ['a wrong token', { token: 'wrong' }, 401],
    ['a Node, whose certificate is of the same CA', { as: node }, 403],
    ['a certificate of another CA', { as: new ClusterCa().apiServer() }, 401],
    [
      'a certificate of two names',
      {
        as: clientCa.issue({
          subject: [
            ['CN', 'a'],
            ['CN', 'system:apiserver'],
            ['O', 'system:masters'],
          ],
          purpose: 'client',
        }),
      },
      401,
    ],
    [
      'a certificate without a name',
      { as: clientCa.issue({ subject: [['O', 'system:masters']], purpose: 'client' }) },
      401,
    ],
    [
      'a certificate for servers',
      {
        as: clientCa.issue({
          subject: [
            ['CN', 'x'],
            ['O', 'system:masters'],
          ],
          purpose: 'server',
        }),
      },
      401,
    ],
  ])('not %s', async (_who, asking, status) => {
    for (const path of ['/pods', '/metrics', '/containerLogs/default/web/main', '/no/such/path'])
      expect((await ask(path, asking)).status).toBe(status)
    const exec = '/exec/default/web/main?command=id&output=1'
    for (const bytes of [upgradeOf(exec), upgradeOf(exec, 'websocket', 'GET')])
      expect(await raw(asking, bytes)).toContain(`HTTP/1.1 ${status} `)
    expect(reached).toEqual([])
  })

  test('the words of a refusal are what an administrator has to grant', async () => {
    const { body } = await ask('/pods', { as: node })
    expect(body).toBe('Forbidden (user="system:node:maia", verb=get, resource=nodes, subresource=proxy)\n')
  })

  test('nobody, while the API server does not say', async () => {
    api.isDown = true
    expect((await ask('/pods', { as: apiServer })).status).toBe(503)
    api.isDown = false
    expect((await ask('/pods', { as: apiServer })).status).toBe(200)
  })

  test('the API server is asked once for a while', async () => {
    for (let index = 0; index < 3; index++) await ask('/pods', { as: apiServer })
    expect(api.asked.map(({ kind }) => kind)).toEqual(['SubjectAccessReview'])
  })
})

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
