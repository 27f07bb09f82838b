import { once } from 'node:events'
import { readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, connect as connectTcp } from 'node:net'
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import { execa } from 'execa'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunningAgent } from '../../support/agent/running-agent.ts'
import { type Pem, TestCa } from '../../support/agent/test-ca.ts'
import { freePort } from '../../support/hosts/ssh-host.ts'
import { until } from '../../support/until.ts'

const ca = new TestCa()
afterAll(() => ca.remove())
const first = ca.sign({ subject: '/CN=first', usage: 'serverAuth' })
const operational = ca.sign({ subject: '/CN=operational', usage: 'serverAuth' })
const viewer = ca.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })

let agent: RunningAgent
beforeEach(async () => {
  agent = new RunningAgent(await freePort())
})
afterEach(() => agent.remove())

/** The name in the certificate that the agent shows. */
function shown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer }, () => {
      const { subject }: DetailedPeerCertificate = socket.getPeerCertificate(true)
      socket.destroy()
      resolve(`${subject.CN}`)
    })
    socket.on('error', reject)
  })
}
/** The sockets that a process has. */
function openSockets(pid: number): readonly string[] {
  const target = (fd: string) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`)
    } catch {
      return ''
    }
  }
  return readdirSync(`/proc/${pid}/fd`)
    .map(target)
    .filter((name) => name.startsWith('socket:'))
}
/** As openssl writes it, and no certificate. */
const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
const mixed = (one: Pem, two: Pem): Pem => ({ cert: one.cert, key: two.key })

describe('the agent serves with', () => {
  test.each<[string, string, Pem | undefined]>([
    ['its operational certificate', 'operational', operational],
    ['the first one where there is no other', 'first', undefined],
    [
      'the first one where the other has expired',
      'first',
      ca.sign({ subject: '/CN=x', usage: 'serverAuth', lasts: -60 }),
    ],
    ['the first one where the other is cut off', 'first', { ...operational, cert: operational.cert.slice(0, 200) }],
    [
      'the first one where the chain of the other is damaged',
      'first',
      { ...operational, cert: `${operational.cert}${damaged}` },
    ],
    ['the first one where key and certificate do not fit', 'first', mixed(operational, first)],
  ])('%s', async (_which, name, other) => {
    agent.put({ first, clientCa: ca.pem.cert, ...(other === undefined ? {} : { operational: other }) })
    await agent.start()
    expect(await shown()).toBe(name)
  })

  test('what comes while it runs, and with the first one again when that is gone', async () => {
    agent.put({ first, clientCa: ca.pem.cert })
    await agent.start()
    expect(await shown()).toBe('first')
    agent.put({ operational })
    await until('the operational one is served', async () => (await shown()) === 'operational')
    rmSync(agent.path('operational.key'))
    await until('the first one is served', async () => (await shown()) === 'first')
    expect(agent.log).toContain('serves with its first certificate')
    expect(agent.log).toContain('operational: missing')
  })
})

test('an agent without any certificate listens, answers nobody, and begins when one comes', async () => {
  await agent.start()
  expect(agent.log).toContain('<3>serves nobody: the CA of its clients is missing or damaged')
  await expect(shown()).rejects.toThrow()
  agent.put({ first, clientCa: ca.pem.cert })
  await until('it serves', () => shown().catch(() => undefined))
  expect(await shown()).toBe('first')
})

test.each([
  ['empty', () => ''],
  ['cut off', () => ca.pem.cert.slice(0, 200)],
  ['another kind of file', () => first.key],
  ['a certificate that is no CA', () => viewer.cert],
])(
  'attack 6: where the CA of the clients is %s, no client is believed, of no CA of the system either',
  async (_what, contents) => {
    agent.put({ first, clientCa: contents() })
    await agent.start()
    expect(agent.log).toContain('<3>serves nobody: the CA of its clients is missing or damaged')
    await expect(agent.get('/v1/health', viewer, ca.pem.cert)).rejects.toThrow()
  },
)

test('what becomes damaged while it runs ends nothing: it is served again when it is whole', async () => {
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  agent.put({ first: { ...first, cert: `${first.cert}${damaged}` }, clientCa: '' })
  await until('nobody is served', () => agent.log.includes('serves nobody'))
  agent.put({ first, clientCa: ca.pem.cert })
  await until('it serves', () => shown().catch(() => undefined))
})

test('attack 6: when the CA of the clients changes, the old one and its connections are no longer believed', async () => {
  const next = new TestCa()
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  const old = connect({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
  const closed = new Promise((resolve) => old.on('close', resolve))
  old.on('error', () => undefined)
  await until('the old one is connected', () => old.authorized)
  agent.put({ clientCa: next.pem.cert })
  await closed
  await expect(agent.get('/v1/health', viewer, ca.pem.cert)).rejects.toThrow()
  const known = next.sign({ subject: '/O=keel:viewers/CN=ada', usage: 'clientAuth' })
  expect((await agent.get('/v1/health', known, ca.pem.cert)).status).toBe(200)
  next.remove()
})

test.each<[string, object, string]>([
  ['an unknown key', { extra: 1 }, 'a configuration that the agent does not know'],
  ['another version', { version: 2 }, 'at version'],
  ['a port of root’s', { listen: { port: 80 } }, 'at listen.port'],
])('a configuration with %s is refused, with exit code 2', async (_what, changes, told) => {
  await agent.start(changes)
  expect(agent.log).toContain(told)
  expect(agent.log).toContain('agent.json')
  expect(await agent.stop()).toBe(2)
})

test('a port that another program has is told with exit code 1', async () => {
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  const second = new RunningAgent(agent.port)
  await second.start()
  expect(second.log).toContain(`port ${agent.port}: the agent can’t listen (EADDRINUSE)`)
  expect(await second.stop()).toBe(1)
  await second.remove()
})

test('SIGTERM ends it at once with 0, also with clients connected', async () => {
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  const client = connect({ host: 'localhost', port: agent.port, ca: ca.pem.cert, ...viewer })
  client.on('error', () => undefined)
  await until('connected', () => client.authorized)
  expect(await agent.stop()).toBe(0)
})

test('attack 6: clients that send nothing do not keep it from its end, or from a restart', async () => {
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  const [ended, before]: [string[], Set<string>] = [[], new Set(openSockets(agent.pid))]
  for (let count = 0; count < 8; count++) {
    const silent = connectTcp({ host: 'localhost', port: agent.port })
    silent.on('error', () => undefined).on('close', () => ended.push('silent'))
    await once(silent, 'connect')
  }
  // what it has not accepted is not its own to close; one of before, of the first look at it, may end meanwhile
  await until('it has accepted them', () => openSockets(agent.pid).filter((name) => !before.has(name)).length >= 8)
  const began = performance.now()
  expect(await agent.stop()).toBe(0)
  expect(performance.now() - began).toBeLessThan(3_000)
  await until('all are closed', () => ended.length === 8)
})

test('openssl sees TLS 1.3, and can resume no session', async () => {
  agent.put({ first, clientCa: ca.pem.cert })
  await agent.start()
  writeFileSync(agent.path('client.pem'), viewer.cert)
  writeFileSync(agent.path('client.key'), viewer.key)
  // with -ign_eof it reads until the server closes: then it has every ticket
  const ask = async (port: number, ...session: readonly string[]) => {
    const files = [
      '-cert',
      agent.path('client.pem'),
      '-key',
      agent.path('client.key'),
      '-CAfile',
      `${ca.folder}/ca.crt`,
    ]
    const { stdout } = await execa(
      'openssl',
      ['s_client', '-ign_eof', '-connect', `localhost:${port}`, ...files, ...session],
      {
        input: 'GET /v1/health HTTP/1.1\r\nHost: maia\r\nConnection: close\r\n\r\n',
        reject: false,
      },
    )
    return /^(New|Reused), (TLSv1\.\d)/m.exec(stdout)?.slice(1)
  }
  const twice = async (port: number) => {
    const session = agent.path(`session-${port}`)
    return [await ask(port, '-sess_out', session), await ask(port, '-sess_in', session)]
  }
  expect(await twice(agent.port)).toEqual([
    ['New', 'TLSv1.3'],
    ['New', 'TLSv1.3'],
  ])
  // the test would see it
  const other = createServer({ cert: first.cert, key: first.key }, (_, response) => response.end()).listen(0)
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  expect(await twice(port)).toEqual([
    ['New', 'TLSv1.3'],
    ['Reused', 'TLSv1.3'],
  ])
  other.close()
})
