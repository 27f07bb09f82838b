import { X509Certificate } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import type { RequestListener } from 'node:http'
import type { Server } from 'node:https'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Writable } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import type { Ca } from '../../../src/secrets/pki/self-signed-ca.ts'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'
import { keel, recordingIo } from '../../support/keel/keel-in-process.ts'
import { checkOutput } from '../../support/keel/valid-output.ts'
import { fakeAgent, shownBy } from '../../support/keel-agent/fake-agent.ts'
import { inventory, me, write } from '../../support/secrets/secrets-inventory.ts'

/** The clients of the agents, against servers of the test on loopback. */
let directory: string
let agentCa: Ca
let serverCa: Ca
const servers: Server[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'keel-node-'))
  write(directory, inventory())
  write(directory, { me: me.privateText })
  settle({ keelAgent: 'keelAgent: true' })
  expect(await keel(directory, ['rekey'])).toMatchObject({ exit: 3 })
  const secret = async (name: string) => (await keel(directory, ['secret', 'show', name, '-i', 'me'])).out
  const file = (name: string) => readFileSync(join(directory, 'secrets', name), 'utf8')
  agentCa = { certificate: file('keel-agent-ca.crt'), key: await secret('keel-agent-ca-key') }
  serverCa = { certificate: file('server-ca.crt'), key: await secret('k3s-server-ca-key') }
})
afterAll(() => rmSync(directory, { recursive: true }))
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

function settle({ keelAgent }: { readonly keelAgent: string }): void {
  const files = inventory()
  write(directory, {
    'hosts/cluster.ts': (files['hosts/cluster.ts'] ?? '').replace(
      "name: 'test',",
      `name: 'test', firewall: false, ${keelAgent},`,
    ),
    'hosts/maia/host.ts': (files['hosts/maia/host.ts'] ?? '').replace('192.0.2.2', '127.0.0.1'),
    'hosts/ocean/host.ts': (files['hosts/ocean/host.ts'] ?? '').replace('192.0.2.1', '127.0.0.2'),
  })
}

const first = () => shownBy({ ca: agentCa, name: 'system:node:maia' })

async function serve(answer: RequestListener, shown = first()): Promise<void> {
  const { port, server } = await fakeAgent(shown, agentCa.certificate, answer)
  servers.push(server)
  settle({ keelAgent: `keelAgent: { port: ${port} }` })
}

const json =
  (answers: Readonly<Record<string, object>>): RequestListener =>
  ({ url = '' }, response) => {
    const found = answers[url.split('?')[0] ?? '']
    response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify(found ?? { error: { code: 'not-found', message: 'nothing' } }))
  }
const lines =
  (...texts: readonly string[]): RequestListener =>
  (_, response) => {
    response.writeHead(200, { 'Content-Type': 'application/x-ndjson' })
    response.end(texts.map((text) => `${text}\n`).join(''))
  }
function portOf(server: Server | undefined): number {
  const address = server?.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const node = (...args: readonly string[]) => keel(directory, ['node', ...args, '-i', 'me'])

const certificates = {
  serving: 'first',
  certificates: [{ name: 'first', state: 'usable', ends: '2027-01-01T00:00:00.000Z', subject: 'CN=system:node:maia' }],
}

describe('an agent is believed', () => {
  test('by its first certificate, and by an operational one of this node', async () => {
    for (const shown of [first(), shownBy({ ca: serverCa, name: 'system:node:maia', organization: 'system:nodes' })]) {
      await serve(json({ '/v1/certificates': certificates }), shown)
      expect(await node('certs', 'maia')).toMatchObject({ exit: 0, out: expect.stringContaining('first (served)') })
    }
  })

  test.each<[string, () => ReturnType<typeof shownBy>, string]>([
    [
      'with the certificate of another node',
      () => shownBy({ ca: agentCa, name: 'system:node:ocean' }),
      'CN=system:node:ocean',
    ],
    ['with one of another CA', () => shownBy({ ca: makeAgentCa(Date.now()), name: 'system:node:maia' }), 'another CA'],
    [
      'with one of another CA of that name',
      () => shownBy({ ca: makeServerCa(Date.now()), name: 'system:node:maia', organization: 'system:nodes' }),
      'another CA',
    ],
    [
      'with one that has expired',
      () => shownBy({ ca: agentCa, name: 'system:node:maia', from: -7_200_000, to: -60_000 }),
      'has expired',
    ],
    [
      'with one that is not valid yet',
      () => shownBy({ ca: agentCa, name: 'system:node:maia', from: 3_600_000, to: 7_200_000 }),
      'not valid yet',
    ],
    ["with the certificate of the node's kubelet", () => shownBy({ ca: serverCa, name: 'maia' }), 'CN=maia'],
    ['with that of an API server', () => shownBy({ ca: serverCa, name: 'k3s', organization: 'k3s' }), 'CN=k3s'],
    [
      'with an operational one by the CA of the agents',
      () => shownBy({ ca: agentCa, name: 'system:node:maia', organization: 'system:nodes' }),
      'O=system:nodes',
    ],
    [
      'with one for other names',
      () => shownBy({ ca: agentCa, name: 'system:node:maia', names: ['ocean'] }),
      'not for maia',
    ],
  ])('attack 3: not %s, and it is asked nothing', async (_, shown, found) => {
    let asked = 0
    await serve((_request, response) => {
      asked++
      response.end('{}')
    }, shown())
    const { exit, err } = await node('certs', 'maia')
    expect({ exit, asked }).toEqual({ exit: 1, asked: 0 })
    expect(err).toContain(found)
  })

  test('not below TLS 1.3', async () => {
    const { cert, key } = first()
    const { createServer } = await import('node:https')
    const server = createServer({ cert, key, maxVersion: 'TLSv1.2' })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, resolve))
    settle({ keelAgent: `keelAgent: { port: ${portOf(server)} }` })
    expect(await node('certs', 'maia')).toMatchObject({ exit: 1, err: expect.stringContaining('no TLS 1.3') })
  })

  test('that believes another CA refuses keel, and says so', async () => {
    const { port, server } = await fakeAgent(first(), makeAgentCa(Date.now()).certificate, json({}))
    servers.push(server)
    settle({ keelAgent: `keelAgent: { port: ${port} }` })
    expect(await node('certs', 'maia')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('does not accept keel’s certificate'),
    })
  })
})

describe('what a host answers is not believed', () => {
  test.each<[string, RequestListener, string]>([
    ['2 MB', (_, response) => response.end(Buffer.alloc(2 << 20, 'a')), 'more than 1048576 bytes'],
    ['something that is no JSON', (_, response) => response.end('<html>'), 'none of `certificates`'],
    ['other JSON', json({ '/v1/certificates': { certificates: [{ name: 7 }] } }), 'none of `certificates`'],
    ['a failure of another form', (_, response) => response.writeHead(500).end('no'), 'the status 500'],
    [
      'a refusal',
      (_, response) => response.writeHead(403).end(JSON.stringify({ error: { code: 'no-role', message: 'go away' } })),
      'go away',
    ],
  ])('attack 3: %s', async (_, answer, found) => {
    await serve(answer)
    const { exit, err } = await node('certs', 'maia')
    expect(exit).toBe(1)
    expect(err).toContain(found)
  })

  test('an answer that breaks off', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': 100 })
      response.write('{')
      setImmediate(() => response.destroy())
    })
    expect(await node('certs', 'maia')).toMatchObject({ exit: 6, err: expect.stringContaining('broke off') })
  })

  test('attack 3: control characters do nothing to a terminal, and begin no line', async () => {
    const line = {
      time: '2026-01-01T00:00:00.000000Z',
      unit: 'k3s.service',
      priority: 6,
      message: 'a\u001b[2Jb\nocean: c\r',
    }
    await serve(lines(JSON.stringify(line), '{"end":"complete"}'))
    const { exit, out } = await node('logs', 'maia', '-u', 'k3s')
    expect({ exit, out }).toEqual({
      exit: 0,
      out: '2026-01-01T00:00:00.000000Z k3s.service: a\\u001b[2Jb\\nocean: c\\r\n',
    })
  })

  test.each<[string, readonly string[], number, string]>([
    ['a line that is too long', [`"${'a'.repeat(300_000)}"`], 1, 'a line of more than'],
    ['a line that is something else', ['{"message":1}'], 1, 'none of `journal`'],
    ['a stream that nobody ended', [], 6, 'broke off'],
  ])('%s', async (_, texts, exit, found) => {
    await serve(lines(...texts))
    expect(await node('logs', 'maia', '-u', 'k3s')).toMatchObject({ exit, err: expect.stringContaining(found) })
  })
})

test('a followed journal goes on after the certificate has expired, without a line twice', async () => {
  const line = (second: number) =>
    JSON.stringify({
      time: `2026-01-01T00:00:0${second}.000000Z`,
      unit: 'k3s.service',
      priority: 6,
      message: `${second}`,
    })
  const asked: string[] = []
  await serve((request, response) => {
    asked.push(request.url ?? '')
    const isFirst = asked.length === 1
    response.writeHead(200)
    response.end(
      [...(isFirst ? [line(1), line(2), '{"end":"expired"}'] : [line(2), line(3), '{"end":"stopping"}'])]
        .map((text) => `${text}\n`)
        .join(''),
    )
  })
  const { exit, out } = await node('logs', 'maia', '-u', 'k3s', '-f')
  expect({ exit, said: out.match(/\d$/gm) }).toEqual({ exit: 0, said: ['1', '2', '3'] })
  expect(asked[1]).toContain(`since=${Date.parse('2026-01-01T00:00:02Z') / 1000}`)
})

describe('several hosts', () => {
  test('are in one table, and one that does not answer keeps no other from it', async () => {
    await serve(json({ '/v1/certificates': certificates }))
    const text = await node('certs')
    // the same server is at the address of ocean, and shows the certificate of maia
    expect(text.exit).toBe(1)
    expect(text.out).toMatch(/^HOST +CERTIFICATE +STATE +ENDS +SUBJECT/m)
    expect(text.out).toMatch(/^maia +first \(served\) +usable/m)
    // why is told once, with what to do
    expect(text.out).not.toContain('ocean')
    expect(text.err.match(/the host shows the certificate of CN=system:node:maia/g)).toHaveLength(1)
    const { hosts } = JSON.parse((await node('certs', '--json')).out)
    expect(hosts).toMatchObject([
      { host: 'ocean', fault: { code: 'agent-untrusted' } },
      { host: 'maia', certificates },
    ])
  })

  test('where none listens: exit 6', async () => {
    settle({ keelAgent: 'keelAgent: { port: 1024 }' })
    expect(await node('status', 'maia')).toMatchObject({ exit: 6, out: '', err: expect.stringContaining('maia') })
  })

  test('a health check that failed: exit 1', async () => {
    const check = { ok: false, detail: 'no answer' }
    const checks = [{ name: 'operational-certificate', ok: true, detail: 'served' }]
    const kubernetes = { api: { live: check, ready: check } }
    await serve(json({ '/v1/ready': { ready: true, checks }, '/v1/kubernetes': kubernetes }))
    expect(await node('health', 'maia')).toMatchObject({
      exit: 1,
      out: expect.stringMatching(/api-live +failed +no answer/),
    })
    await serve(json({ '/v1/ready': { ready: true, checks } }))
    expect((await node('health', 'maia')).exit).toBe(0)
  })
})

describe('--watch', () => {
  test.each([[[]], [['--json']]])('%j: asks again until a signal ends it, with 130', async (options) => {
    let asked = 0
    await serve((request, response) => {
      asked++
      json({ '/v1/certificates': certificates })(request, response)
    })
    const stop = new AbortController()
    const args = ['node', 'certs', '--watch', ...options, '-i', 'me']
    const { io, printed } = recordingIo(directory, '', { signal: stop.signal })
    const running = main(args, io)
    await vi.waitUntil(() => asked >= 2, { timeout: 20_000 })
    stop.abort(new Error('SIGINT'))
    expect(await running).toBe(130)
    const { out } = printed()
    if (options.length === 0) {
      // one that does not answer is on the screen, beside those that do
      expect(out).toMatch(/^maia +first \(served\) +usable/m)
      expect(out).toMatch(/^ocean: the host shows the certificate of CN=system:node:maia/m)
      return
    }
    checkOutput(args, out, 130)
    const [end, ...screens] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
      .reverse()
    expect(end).toMatchObject({ event: 'end', exit: 130 })
    expect(screens.length).toBeGreaterThan(0)
    for (const screen of screens)
      expect(screen.hosts).toMatchObject([{ host: 'ocean', fault: { code: 'agent-untrusted' } }, { host: 'maia' }])
  })
})

describe('a viewer', () => {
  test('is who asks, and an operator only who acts', async () => {
    const seen: string[] = []
    await serve((asked, response) => {
      const peer = asked.socket instanceof TLSSocket ? asked.socket.getPeerX509Certificate() : undefined
      const minutes = ((peer?.validToDate.getTime() ?? 0) - Date.now()) / 60_000
      seen.push(`${asked.method} ${asked.url} ${peer?.subject.split('\n')[0]} ${minutes > 5 && minutes < 11}`)
      if (asked.method === 'POST') response.writeHead(202).end('{"accepted":"restart","unit":"k3s.service"}')
      else response.end(JSON.stringify(certificates))
    })
    await node('certs', 'maia')
    expect((await node('restart', 'maia', '--unit', 'k3s', '--yes', '--json')).exit).toBe(0)
    expect(seen).toEqual([
      'GET /v1/certificates O=keel:viewers true',
      'POST /v1/services/k3s.service/restart O=keel:operators true',
    ])
  })

  test('is asked before anything restarts or reboots', async () => {
    let asked = 0
    await serve((_, response) => {
      asked++
      response.writeHead(202).end('{"accepted":"reboot"}')
    })
    const ask = (answer: string | undefined) =>
      keel(directory, ['node', 'reboot', 'maia', '-i', 'me'], '', { ask: () => Promise.resolve(answer) })
    expect(await ask(undefined)).toMatchObject({ exit: 1, err: expect.stringContaining('--yes') })
    expect((await ask('no')).exit).toBe(1)
    expect(asked).toBe(0)
    expect(await ask('yes')).toMatchObject({ exit: 0, out: 'maia: reboot is under way\n' })
    expect(asked).toBe(1)
  })
})

test.each([
  { accepted: 'restart', unit: 'k3s.service is under way\nocean: restart of k3s.service' },
  { accepted: 'restart', unit: 'sshd.service' },
  { accepted: 'restart' },
  { accepted: 'reboot' },
])('attack 3: an agent that accepts something else than the restart of a unit: %j', async (answer) => {
  await serve((_, response) => response.writeHead(202).end(JSON.stringify(answer)))
  expect(await node('restart', 'maia', '--unit', 'k3s', '--yes')).toMatchObject({
    exit: 1,
    out: '',
    err: expect.stringContaining('something else than keel has asked for'),
  })
})

test('attack 3: an agent that gives more lines than keel asked for', async () => {
  const line = { time: '2026-01-01T00:00:00.000000Z', unit: 'k3s.service', priority: 6, message: 'a' }
  await serve(lines(...Array.from({ length: 4 }, () => JSON.stringify(line)), '{"end":"complete"}'))
  expect(await node('logs', 'maia', '-u', 'k3s', '-n', '3')).toMatchObject({
    exit: 1,
    out: expect.stringMatching(/^(.*a\n){3}$/),
    err: expect.stringContaining('more than 3 lines'),
  })
})

test('attack 3: an agent ends a stream once', async () => {
  await serve(lines('{"end":"stopping"}', '{"end":"stopping"}'))
  const { exit, err } = await node('logs', 'maia', '-u', 'k3s')
  expect({ exit, ends: err.match(/ended the stream/g) }).toEqual({ exit: 0, ends: ['ended the stream'] })
})

test('attack 3: an agent gives lines no faster than somebody reads them', async () => {
  const line = { time: '2026-01-01T00:00:00.000000Z', unit: 'k3s.service', priority: 6, message: 'a'.repeat(1000) }
  await serve(lines(...Array.from({ length: 2000 }, () => JSON.stringify(line)), '{"end":"complete"}'))
  let most = 0
  const stdout = new Writable({
    write(_part, _encoding, done) {
      most = Math.max(most, this.writableLength)
      setImmediate(done)
    },
  })
  const args = ['node', 'logs', 'maia', '-u', 'k3s', '-n', '2000', '--json', '-i', 'me']
  const { io } = recordingIo(directory, '', { stdout })
  expect(await main(args, io)).toBe(0)
  expect(most).toBeGreaterThan(1000)
  expect(most).toBeLessThan(stdout.writableHighWaterMark + 3000)
})

test('more lines than an agent gives are refused', async () => {
  expect(await node('logs', 'maia', '--lines', '10001')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('10000 lines at most'),
  })
})

describe('keel node login', () => {
  let outside: string
  beforeAll(() => {
    outside = mkdtempSync(join(tmpdir(), 'keel-node-login-'))
  })
  afterAll(() => rmSync(outside, { recursive: true }))

  test('leaves no key where it can’t write its file', async () => {
    mkdirSync(join(outside, 'folder'))
    expect((await node('login', '--out', join(outside, 'folder'))).exit).toBe(2)
    expect(readdirSync(outside).filter((name) => name.startsWith('folder'))).toEqual(['folder'])
  })

  test('attack 2: never replaces what is no file: a link to a device, as /dev/stdout', async () => {
    symlinkSync('/dev/null', join(outside, 'stdout'))
    expect(await node('login', '--out', join(outside, 'stdout'))).toMatchObject({
      exit: 2,
      err: expect.stringContaining('not a regular file'),
    })
    expect(readlinkSync(join(outside, 'stdout'))).toBe('/dev/null')
  })

  test.each([
    ['beside the inventory', () => 'node.pem'],
    ['in a folder of it', () => 'secrets/node.pem'],
    ['by a way around', () => join(outside, '..', basename(directory), 'node.pem')],
    [
      'through a link',
      () => {
        symlinkSync(join(directory, 'secrets'), join(outside, 'link'))
        return join(outside, 'link', 'node.pem')
      },
    ],
    [
      'elsewhere in the repository of the inventory',
      () => {
        mkdirSync(join(directory, '.git'))
        return join(directory, 'hosts', 'maia', 'node.pem')
      },
    ],
  ])('attack 2: writes no key where git would take it: %s', async (_, file) => {
    const before = readdirSync(directory, { recursive: true })
    expect(await node('login', '--out', file())).toMatchObject({
      exit: 2,
      err: expect.stringContaining('a file in the git repository of the inventory'),
    })
    rmSync(join(directory, '.git'), { recursive: true, force: true })
    expect(readdirSync(directory, { recursive: true })).toEqual(before)
  })

  test('gives a file that programs can use, for its owner alone', async () => {
    await serve(json({ '/v1/certificates': certificates }))
    const out = join(outside, 'node.pem')
    writeFileSync(out, 'before', { mode: 0o644 })
    expect((await node('login', '--for', '8h', '--out', out)).exit).toBe(0)
    expect(statSync(out).mode & 0o777).toBe(0o600)
    const text = readFileSync(out, 'utf8')
    const client = new X509Certificate(text)
    expect(client.subject).toMatch(/^O=keel:viewers\nCN=\S+@\S+$/)
    expect(client.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(Math.round((client.validToDate.getTime() - Date.now()) / 3_600_000)).toBe(8)
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const port = portOf(servers.at(-1))
      request(
        {
          host: '127.0.0.1',
          port,
          path: '/v1/certificates',
          cert: text,
          key: text,
          ca: text,
          servername: 'maia',
          agent: false,
        },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(200)
  })

  test.each([
    [['--role', 'admin'], 'choose viewer or operator'],
    [['--for', '8'], 'give a duration'],
    [['--for', '48h', '--role', 'operator'], '24 hours at most'],
    [['--for', '91d'], '2160 hours at most'],
  ])('refuses %s', async (args, found) => {
    expect(await node('login', ...args)).toMatchObject({ exit: 2, err: expect.stringContaining(found) })
  })
})

test('without the keel-agent there is nobody to ask', async () => {
  settle({ keelAgent: 'keelAgent: false' })
  expect(await node('status')).toMatchObject({ exit: 2, err: expect.stringContaining('no `keelAgent`') })
})
