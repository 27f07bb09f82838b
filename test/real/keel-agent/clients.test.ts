import { networkInterfaces } from 'node:os'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RunningAgent } from '../../support/agent/running-agent.ts'
import { type Pem, TestCa } from '../../support/agent/test-ca.ts'
import { freePort } from '../../support/hosts/ssh-host.ts'
import { until } from '../../support/until.ts'

/** The program itself, and certificates of OpenSSL. */
const ca = new TestCa()
const other = new TestCa()
let agent: RunningAgent

const first = ca.sign({ subject: '/CN=maia', usage: 'serverAuth' })
const viewer = ca.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })
const operator = ca.sign({ subject: '/O=keel:operators/CN=bob', usage: 'clientAuth' })

beforeAll(async () => {
  agent = new RunningAgent(await freePort())
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
})
afterAll(async () => {
  await agent.remove()
  ca.remove()
  other.remove()
})

const get = (path: string, client: Pem | 'none' = viewer, options: object = {}) =>
  agent.get(path, client === 'none' ? undefined : client, ca.pem.cert, options)
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).error.code

describe('a client with a certificate of the CA is answered', () => {
  test.each([
    ['a viewer', viewer],
    ['an operator', operator],
  ])('%s', async (_who, client) => {
    expect(await get('/v1/health', client)).toEqual({ status: 200, body: '{"status":"up"}\n' })
  })

  test('before there is any cluster, with the certificate that keel signed', async () => {
    expect((await get('/v1/ready')).status).toBe(503)
    const { serving, certificates } = JSON.parse((await get('/v1/certificates')).body)
    expect(serving).toBe('first')
    expect(certificates).toEqual([
      { name: 'operational', state: 'missing' },
      { name: 'first', state: 'usable', ends: expect.stringMatching(/^\d{4}-.*Z$/), subject: 'CN=maia' },
    ])
  })

  test('with what the machine is', async () => {
    const node = JSON.parse((await get('/v1/node')).body)
    expect(node).toMatchObject({ name: 'maia', system: { id: 'debian' }, cpus: expect.any(Number) })
    expect(node.disks[0]).toMatchObject({ mount: '/' })
    const known = Object.values(networkInterfaces()).flatMap((all = []) => all)
    const own = known.filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0).map(({ address }) => address)
    expect(node.addresses.toSorted()).toEqual([...new Set(own)].toSorted())
    expect(node.memory.free).toBeLessThan(node.memory.total)
    expect(Math.abs(Date.parse(node.time) - Date.now())).toBeLessThan(60_000)
  })
})

describe('attack 6: nobody else gets a byte of HTTP', () => {
  test.each<[string, Pem | 'none', object, RegExp]>([
    ['without a certificate', 'none', {}, /certificate required|ECONNRESET|socket hang up/],
    [
      'with one of another CA',
      other.sign({ subject: '/O=keel:operators/CN=eve', usage: 'clientAuth' }),
      {},
      /ECONNRESET|socket hang up|unknown ca/,
    ],
    [
      'with one that has expired',
      ca.sign({ subject: '/O=keel:operators/CN=eve', usage: 'clientAuth', lasts: -60 }),
      {},
      /ECONNRESET|socket hang up|expired/,
    ],
    [
      'with the certificate of a server',
      ca.sign({ subject: '/O=keel:operators/CN=maia', usage: 'serverAuth' }),
      {},
      /ECONNRESET|socket hang up|unsupported certificate/,
    ],
    ['over TLS 1.2', viewer, { maxVersion: 'TLSv1.2' }, /protocol version/],
    [
      'over TLS 1.1',
      viewer,
      { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' },
      /protocol version|no protocols available|unsupported protocol/,
    ],
  ])('%s', async (_how, client, options, refused) => {
    await expect(get('/v1/health', client, options)).rejects.toThrow(refused)
  })
})

describe('attack 6: a client learns and does only what its role allows', () => {
  test('one whose certificate names no role, whatever it asks for', async () => {
    const nobody = ca.sign({ subject: '/O=keel:viewers2/CN=keel:operators', usage: 'clientAuth' })
    for (const path of ['/v1/node', '/nothing']) {
      const reply = await get(path, nobody)
      expect(reply.status).toBe(403)
      expect(codeOf(reply)).toBe('no-role')
    }
  })

  test.each([
    [404, 'not-found', '/v1/nothing', {}],
    [404, 'not-found', '/V1/health', {}],
    [404, 'not-found', '/v1/../v1/health', {}],
    [405, 'method-refused', '/v1/health', { method: 'DELETE' }],
    [413, 'body-refused', '/v1/health', { method: 'POST', headers: { 'content-length': '1000000000' } }],
    [413, 'body-refused', '/v1/health', { headers: { 'transfer-encoding': 'chunked' } }],
    // as a browser that has the certificate asks for a page of somebody else
    [403, 'page-refused', '/v1/reboot', { method: 'POST', headers: { origin: 'https://evil.example' } }],
    [403, 'page-refused', '/v1/reboot', { method: 'POST', headers: { origin: 'null' } }],
    [403, 'page-refused', '/v1/node', { headers: { 'sec-fetch-site': 'cross-site' } }],
  ])('%i %s: %s %o', async (status, code, path, options) => {
    const reply = await get(path, operator, options)
    expect(reply.status).toBe(status)
    expect(codeOf(reply)).toBe(code)
  })

  test('headers without end are refused', async () => {
    const reply = await get('/v1/health', viewer, { headers: { long: 'x'.repeat(9000) } })
    expect(reply.status).toBe(431)
  })

  test('a line of the log is one line, and names the client', async () => {
    await get('/v1/health?%0a<3>forged', operator)
    await until('it is logged', () => agent.log.includes('<6>operator bob: GET /v1/health?%0a<3>forged 200\n'))
    const forger = ca.sign({ subject: '/O=keel:operators/CN=a\n<3>forged', usage: 'clientAuth' })
    await get('/v1/health', forger)
    await until('it is logged', () => /^<6>operator a\?<3>forged: GET/m.test(agent.log))
    expect(agent.log).not.toMatch(/^<3>/m)
  })
})
