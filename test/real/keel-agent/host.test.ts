import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HelperStandIn } from '../../support/agent/helper-stand-in.ts'
import { RunningAgent } from '../../support/agent/running-agent.ts'
import { type Pem, TestCa } from '../../support/agent/test-ca.ts'
import { freePort } from '../../support/hosts/ssh-host.ts'
import { validFor } from '../../support/keel/valid-output.ts'
import { until } from '../../support/until.ts'

/** The program itself, and a stand-in for its helper. */
const ca = new TestCa()
const standIn = new HelperStandIn()
const viewer = ca.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })
const operator = ca.sign({ subject: '/O=keel:operators/CN=bob', usage: 'clientAuth' })
let agent: RunningAgent

const unit = (name: string, active = 'active') =>
  `Id=${name}\nLoadState=loaded\nActiveState=${active}\nSubState=running\nUnitFileState=enabled\nStateChangeTimestamp=Mon 2025-11-24 16:00:00 UTC\nNRestarts=0\nResult=exit-code\n`
const units = [unit('k3s.service'), unit('broken.service', 'failed')]
const usual = {
  services: units,
  watch: [...units, 'looked'],
  journal: Array.from({ length: 3 }, (_, at) =>
    JSON.stringify({ __REALTIME_TIMESTAMP: '1764000000000001', MESSAGE: `${at}`, PRIORITY: '5' }),
  ),
  kubernetes: [unit('k3s.service'), 'Version=v1.35.1+k3s1'],
  generation: ['generation\tabc', 'keel\t0.1.0', 'deployed\t1764000000'],
  drift: ['known', 'differs\tmode\t/etc/keel/agent.json', 'compared\t12'],
}

beforeAll(async () => {
  await standIn.listen()
  standIn.answers(usual)
  agent = new RunningAgent(await freePort())
  agent.put({ first: ca.sign({ subject: '/CN=maia', usage: 'serverAuth' }), clientCa: ca.pem.cert })
  await agent.start({ helper: standIn.paths })
  await until('it has looked at the host', () => standIn.asked.includes('look drift'))
})
afterAll(async () => {
  await agent.remove()
  await standIn.close()
  ca.remove()
})

const get = (path: string, client: Pem = viewer, options: object = {}) => agent.get(path, client, ca.pem.cert, options)
const post = (path: string, client: Pem, options: object = {}) => get(path, client, { method: 'POST', ...options })
const codeOf = ({ body }: { readonly body: string }) => JSON.parse(body).error.code
const linesOf = (body: string) =>
  body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

interface Open {
  readonly lines: () => readonly { readonly [key: string]: unknown }[]
  readonly ended: Promise<void>
  readonly close: () => void
}

/** A stream, as far as it has come. */
async function follow(path: string, client: Pem = viewer): Promise<Open> {
  let body = ''
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: 'localhost', port: agent.port, path, ca: ca.pem.cert, ...client, agent: false },
      (response) => {
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        const ended = new Promise<void>((done) => response.once('close', () => done()))
        response.on('error', () => undefined)
        const lines = () => (body.includes('\n') ? linesOf(body.slice(0, body.lastIndexOf('\n') + 1)) : [])
        resolve({ lines, ended, close: () => asked.destroy() })
      },
    )
    asked.on('error', reject)
    asked.end()
  })
}

describe('a viewer sees', () => {
  test('units, Kubernetes, the generation and drift, as their schemas say', async () => {
    const { services } = JSON.parse((await get('/v1/services')).body)
    expect(services.map(({ unit: name }: { unit: string }) => name)).toEqual(['k3s.service', 'broken.service'])
    const kubernetes = JSON.parse((await get('/v1/kubernetes')).body)
    expect(kubernetes).toMatchObject({
      version: 'v1.35.1+k3s1',
      service: { unit: 'k3s.service' },
      api: { live: { ok: false, detail: 'the node has no credentials for the API yet' } },
    })
    expect(JSON.parse((await get('/v1/generation')).body)).toMatchObject({ generation: 'abc', keel: '0.1.0' })
    expect(JSON.parse((await get('/v1/drift')).body).differences).toEqual([
      { path: '/etc/keel/agent.json', kind: 'mode' },
    ])
  })

  test('the journal of a unit, with what it asks for', async () => {
    const { status, body } = await get('/v1/services/k3s.service/journal?since=1764000000&lines=7')
    expect(status).toBe(200)
    for (const line of linesOf(body)) validFor('agent-v1/journal', line)
    expect(linesOf(body).at(-1)).toEqual({ end: 'complete' })
    expect(standIn.asked.at(-1)).toBe('look journal k3s.service 1764000000 7 0')
  })

  test('what has happened', async () => {
    const lines = linesOf((await get('/v1/events')).body)
    for (const line of lines) validFor('agent-v1/events', line)
    expect(lines.map(({ kind, about, end }) => [kind, about, end])).toEqual([
      ['agent-started', 'maia', undefined],
      ['unit-failed', 'broken.service', undefined],
      ['drift-found', '/etc/keel/agent.json', undefined],
      [undefined, undefined, 'complete'],
    ])
    expect(linesOf((await get('/v1/events?since=99999999999')).body)).toEqual([{ end: 'complete' }])
  })

  test('it in the metrics', async () => {
    const { body } = await get('/metrics')
    expect(body).toContain('keel_unit_failed{unit="broken.service"} 1\n')
    expect(body).toContain('keel_drift_paths 1\n')
    expect(body).toContain('keel_agent_events_total{kind="unit-failed"} 1\n')
  })
})

describe('attack 6: a viewer changes nothing', () => {
  test.each(['/v1/reboot', '/v1/services/k3s.service/restart'])('%s', async (path) => {
    const reply = await post(path, viewer)
    expect([reply.status, codeOf(reply)]).toEqual([403, 'not-an-operator'])
    expect((await get(path, operator)).status).toBe(405)
    expect(standIn.asked.filter((one) => one.startsWith('act'))).toEqual([])
  })
})

describe('attack 6: nothing but the units of the list gets to the helper', () => {
  test.each([
    '../../x',
    '..%2f..%2fx',
    '-f',
    'k3s.service;reboot',
    'k3s.service%20reboot',
    'cron.service',
    '%00',
    'K3S.service',
  ])('%s', async (name) => {
    const before = standIn.asked.filter((one) => /journal|act/.test(one)).length
    for (const reply of [
      await get(`/v1/services/${name}/journal`),
      await post(`/v1/services/${name}/restart`, operator),
    ])
      expect([404, 'unit-unknown']).toContain(reply.status === 404 ? 404 : codeOf(reply))
    expect(standIn.asked.filter((one) => /journal|act/.test(one)).length).toBe(before)
  })

  test.each(['since=-1', 'since=1;x', 'lines=99999', 'lines=1e3', 'follow=2', 'follow=1&follow=1', 'x=1', 'lines='])(
    'nor a query like %s',
    async (query) => {
      const reply = await get(`/v1/services/k3s.service/journal?${query}`)
      expect([reply.status, codeOf(reply)]).toEqual([400, 'query-refused'])
    },
  )

  test('a unit that is read is not one that is restarted', async () => {
    const reply = await post('/v1/services/ssh.service/restart', operator)
    expect([reply.status, codeOf(reply)]).toEqual([403, 'unit-kept'])
  })
})

test('an operator restarts a unit and reboots, each by the other socket, and without a body', async () => {
  const restarted = await post('/v1/services/k3s.service/restart', operator)
  expect([restarted.status, JSON.parse(restarted.body)]).toEqual([202, { accepted: 'restart', unit: 'k3s.service' }])
  expect((await post('/v1/reboot', operator)).status).toBe(202)
  const refused = await post('/v1/reboot', operator, { headers: { 'content-length': '1' } })
  expect(refused.status).toBe(413)
  expect(standIn.asked.filter((one) => one.startsWith('act'))).toEqual(['act restart k3s.service', 'act reboot'])
})

test('an API server that hangs is told before keel gives up', async () => {
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const address = silent.address()
  const port = typeof address === 'object' ? address?.port : 0
  const user = { token: 'a-token' }
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority': agent.path('ca.crt') }
  writeFileSync(
    agent.path('kubeconfig'),
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'one', cluster }],
      users: [{ name: 'one', user }],
      contexts: [{ name: 'one', context: { cluster: 'one', user: 'one' } }],
      'current-context': 'one',
    }),
  )
  const began = performance.now()
  const { status, body } = await get('/v1/kubernetes')
  expect({ status, api: JSON.parse(body).api }).toMatchObject({
    status: 200,
    api: { server: cluster.server, live: { ok: false }, ready: { ok: false } },
  })
  // docs/keel-agent.md: 15 s until an answer begins
  expect(performance.now() - began).toBeLessThan(8_000)
  rmSync(agent.path('kubeconfig'))
  silent.close()
})

describe('a helper that is not right', () => {
  test.each<[string, HelperStandIn['act']]>([
    ['says that it failed', (socket) => socket.end('end\tfailed\n')],
    ['stops', (socket) => socket.destroy()],
    ['sends noise', (socket) => socket.end(Buffer.from([0, 255, 10, 27, 10]))],
    [
      'does not stop',
      (socket) => {
        const more = () => socket.writable && socket.write('x'.repeat(65_536), more)
        more()
      },
    ],
  ])('%s: 502, and the agent answers on', async (_what, act) => {
    standIn.act = act
    for (const path of ['/v1/services', '/v1/drift', '/v1/generation', '/v1/kubernetes']) {
      const reply = await get(path)
      expect([reply.status, codeOf(reply)]).toEqual([502, 'helper-failed'])
    }
    expect(linesOf((await get('/v1/services/k3s.service/journal')).body).at(-1)).toEqual({ end: 'failed' })
    expect((await get('/v1/health')).status).toBe(200)
    // its unit ends it at 256 MB
    expect(agent.resident()).toBeLessThan(190 * 1_048_576)
  })

  test('does not know a unit: 404', async () => {
    standIn.act = (socket) => socket.end('end\tunknown-unit\n')
    const reply = await post('/v1/services/keepalived.service/restart', operator)
    expect([reply.status, codeOf(reply)]).toEqual([404, 'unit-unknown'])
  })
})

describe('a stream', () => {
  test('has each line when it comes, until the client goes; then its source ends', async () => {
    let socketOf: Parameters<HelperStandIn['act']>[0] | undefined
    standIn.act = (socket) => {
      socketOf = socket
    }
    const open = await follow('/v1/services/k3s.service/journal?follow=1&lines=0')
    await until('the helper is asked', () => socketOf)
    for (const [at, line] of usual.journal.entries()) {
      socketOf?.write(`${line}\n`)
      await until('the line is there', () => open.lines().length === at + 1)
    }
    open.close()
    await until('the source has ended', () => socketOf?.closed)
    standIn.answers(usual)
  })

  test('attack 6: of a client that does not read stops its source, takes no memory, and ends', {
    timeout: 120_000,
  }, async () => {
    let sent = 0
    let isClosed = false
    const line = `${JSON.stringify({ __REALTIME_TIMESTAMP: '1764000000000001', MESSAGE: 'x'.repeat(16_000) })}\n`
    standIn.act = (socket) => {
      socket.once('close', () => {
        isClosed = true
      })
      const more = () => {
        while (!socket.destroyed && socket.write(line)) sent += line.length
        sent += line.length
      }
      socket.on('drain', more)
      more()
    }
    const before = agent.resident()
    const client = connectTls({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
    client.on('error', () => undefined)
    await new Promise((resolve) => client.once('secureConnect', resolve))
    client.pause()
    client.write('GET /v1/services/k3s.service/journal?follow=1 HTTP/1.1\r\nHost: maia\r\n\r\n')
    let last = -1
    await until(
      'the source waits',
      () => {
        const isSame = last === sent
        last = sent
        return isSame && sent > 0
      },
      30,
      500,
    )
    expect(sent).toBeLessThan(40 * 1_048_576)
    expect(agent.resident() - before).toBeLessThan(40 * 1_048_576)
    expect((await get('/v1/health')).status).toBe(200)
    // 30 s without a byte read
    await until('the source has ended', () => isClosed, 60, 500)
    client.destroy()
    standIn.answers(usual)
  })

  test('is one of four that a client can have', async () => {
    const open = await Promise.all(Array.from({ length: 4 }, () => follow('/v1/events?follow=1')))
    const refused = await get('/v1/events?follow=1')
    expect([refused.status, codeOf(refused)]).toEqual([429, 'too-many-streams'])
    expect(linesOf((await get('/v1/events', operator)).body).at(-1)).toEqual({ end: 'complete' })
    for (const { close } of open) close()
    await until('there is room again', async () => (await get('/v1/events')).status === 200)
  })

  test('ends with the certificate of its client', async () => {
    const short = ca.sign({ subject: '/O=keel:viewers/CN=eve', usage: 'clientAuth', lasts: 4 })
    const open = await follow('/v1/events?follow=1', short)
    await open.ended
    expect(open.lines().at(-1)).toEqual({ end: 'expired' })
  })

  test('ends with the agent, and says so; an answer that is under way still gets out', async () => {
    const open = await follow('/v1/events?follow=1')
    const slow = Promise.withResolvers<void>()
    standIn.act = (socket) => void slow.promise.then(() => socket.end('generation\tabc\nend\tok\n'))
    standIn.asked.length = 0
    const answer = get('/v1/generation')
    await until('the helper is asked', () => standIn.asked.includes('look generation'))
    const stopped = agent.stop()
    await open.ended
    expect(open.lines().at(-1)).toEqual({ end: 'stopping' })
    slow.resolve()
    expect(await answer).toMatchObject({ status: 200, body: expect.stringContaining('abc') })
    expect(await stopped).toBe(0)
  })
})
