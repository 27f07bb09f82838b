import { createHash, X509Certificate } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ApiError } from '../../../src/agent/kubernetes/api.ts'
import { logTo } from '../../../src/agent/log.ts'
import { certificateRequest } from '../../../src/agent/operational/certificate-request.ts'
import { parseHostName } from '../../../src/model/names.ts'
import { certificatesIn } from '../../../src/vkubelet/credentials/certificates-in.ts'
import { k3sIssuer } from '../../../src/vkubelet/credentials/k3s-issuer.ts'
import { credentialsOf, keepCredentials } from '../../../src/vkubelet/credentials/keep-credentials.ts'
import { KeptCredentials } from '../../../src/vkubelet/credentials/kept-credentials.ts'
import { nodePassword } from '../../../src/vkubelet/credentials/node-password.ts'
import { reachableServer } from '../../../src/vkubelet/credentials/reachable-server.ts'
import { until } from '../../support/until.ts'
import { ClusterCa } from '../../support/vkubelet/cluster-ca.ts'
import { SupervisorStandIn } from '../../support/vkubelet/supervisor-stand-in.ts'

const node = parseHostName('ocean')
const addresses = ['10.0.0.7', 'fd00::7']
const other = new ClusterCa()

let folder: string
let k3s: SupervisorStandIn
let server: URL
let ending: AbortController
let running: Promise<unknown> | undefined
const lines: string[] = []

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keel-vks-credentials-'))
  k3s = new SupervisorStandIn()
  server = await k3s.listen()
  ending = new AbortController()
  lines.length = 0
})
afterEach(async () => {
  ending.abort()
  await running?.catch(() => undefined)
  running = undefined
  await k3s.close()
  rmSync(folder, { recursive: true })
})

const paths = () => {
  const at = (name: string) => join(folder, 'certificates', name)
  const pair = (name: string) => ({ certificate: at(`${name}.crt`), key: at(`${name}.key`) })
  return { client: pair('client'), serving: pair('serving'), clientCa: at('client-ca.crt') }
}
const hashOf = (pem: string) => createHash('sha256').update(pem).digest('hex')
const pinned = (ca = k3s.serverCa) => `K10${hashOf(ca.certificate)}::node:secret\n`
const issuerOf = (
  more: { readonly token?: string; readonly ca?: string; readonly addresses?: readonly string[] } = {},
) =>
  k3sIssuer({
    node,
    server: async () => server,
    addresses,
    passwordFile: join(folder, 'node', 'password'),
    ...more,
    token: async () => more.token ?? pinned(),
  })

async function keeping(issuer = issuerOf(), own = addresses) {
  const kept = new KeptCredentials(paths())
  await kept.read()
  let changes = 0
  running = keepCredentials({
    node,
    addresses: own,
    issuer,
    kept,
    log: logTo({ write: (line) => lines.push(line) }, 'info'),
    signal: ending.signal,
    changed: () => {
      changes += 1
    },
    lookAgain: 5,
  })
  running.catch(() => undefined)
  const certificate = (kind: 'client' | 'serving') => {
    const found = kept.get(kind)
    return typeof found === 'string' ? undefined : found.certificate
  }
  return { kept, certificate, changes: () => changes }
}

test('a Node that joins tries again soon, because its server may start at the same time', async () => {
  const away = () => Promise.reject(new ApiError('the k3s server does not answer (ECONNREFUSED)'))
  await keeping({ ...issuerOf(), client: away })
  await until('it says when', () => lines.some((line) => line.includes('the next try is in 1 s')))
})

describe('a Node of k3s', () => {
  test('joins with the token, and gets both certificates and the CA of its clients', async () => {
    const issuer = issuerOf()
    const { kept, certificate } = await keeping(issuer)
    await until('both are there', () => certificate('serving'))
    expect(certificate('client')?.subject).toBe('O=system:nodes\nCN=system:node:ocean')
    for (const address of addresses) expect(certificate('serving')?.checkIP(address)).toBe(address)
    expect(kept.identity).toMatchObject({ clientCa: k3s.clientCa.certificate })
    const { cert, ca } = await credentialsOf(issuer, kept)()
    expect(new X509Certificate(cert ?? '').subject).toContain('system:node:ocean')
    expect(`${ca}`).toBe(k3s.serverCa.certificate)
    expect(k3s.asked).toEqual([
      'GET /cacerts 200',
      'POST /v1-k3s/client-kubelet.crt 200',
      'POST /v1-k3s/serving-kubelet.crt 200',
      'GET /v1-k3s/client-ca.crt 200',
    ])
  })

  test('has keys that root alone can read, and no word of the token in its log', async () => {
    const { certificate } = await keeping()
    await until('both are there', () => certificate('serving'))
    for (const kind of ['client', 'serving']) {
      const path = join(folder, 'certificates', `${kind}.key`)
      expect(statSync(path).mode & 0o777).toBe(0o600)
      expect(readFileSync(path, 'utf8')).toContain('PRIVATE KEY')
    }
    expect(statSync(join(folder, 'certificates')).mode & 0o777).toBe(0o700)
    expect(lines.join('')).not.toMatch(/secret|K10/)
  })

  test('goes on with what it has after a start', async () => {
    const first = await keeping()
    await until('both are there', () => first.certificate('serving'))
    const kept = new KeptCredentials(paths())
    await kept.read()
    expect(kept.identity).toEqual(first.kept.identity)
    expect(readdirSync(join(folder, 'certificates')).filter((name) => name.startsWith('.client'))).toHaveLength(2)
  })

  test('renews both with its own certificate before they end, and tells so each time', async () => {
    // two thirds of it are over in a second and a half at the latest
    k3s.lifetime = { from: -600_000, to: 302_250 }
    const { certificate, changes } = await keeping()
    await until('both are there', () => certificate('serving'))
    const before = (['client', 'serving'] as const).map((kind) => certificate(kind)?.serialNumber)
    k3s.lifetime = { from: -60_000, to: 3_600_000 }
    await until(
      'both are others',
      () => certificate('client')?.serialNumber !== before[0] && certificate('serving')?.serialNumber !== before[1],
    )
    expect(changes()).toBeGreaterThanOrEqual(4)
    expect(k3s.asked.filter((one) => one.includes(' 401'))).toEqual([])
  })

  test('refuses a certificate that is to be renewed at once: with such a clock it would ask for ever', async () => {
    k3s.lifetime = { from: -600_000, to: 299_000 }
    const { changes } = await keeping()
    await until('it is refused', () => lines.some((line) => line.includes('to be renewed already')))
    expect(changes()).toBe(0)
  })

  test('whose object was deleted joins again with the token', async () => {
    const issuer = issuerOf()
    const { certificate, kept } = await keeping(issuer)
    await until('both are there', () => certificate('serving'))
    k3s.deleted.add('ocean')
    k3s.asked.length = 0
    const own = kept.get('client')
    if (typeof own === 'string') return expect.unreachable()
    expect(await issuer.client(certificateRequest(node), own)).toContain('BEGIN CERTIFICATE')
    expect(k3s.asked).toEqual(['POST /v1-k3s/client-kubelet.crt 401', 'POST /v1-k3s/client-kubelet.crt 200'])
  })

  test('gets another certificate to serve with when the host has another address', async () => {
    const first = await keeping()
    await until('both are there', () => first.certificate('serving'))
    ending.abort()
    await running?.catch(() => undefined)
    ending = new AbortController()
    const moved = ['10.0.0.8']
    const { certificate } = await keeping(issuerOf({ addresses: moved }), moved)
    await until('it has the new address', () => certificate('serving')?.checkIP('10.0.0.8'))
    expect(certificate('client')?.serialNumber).toBe(first.certificate('client')?.serialNumber)
  })

  test('has one password for ever', async () => {
    const path = join(folder, 'node', 'password')
    const [one, two] = await Promise.all([nodePassword(path), nodePassword(path)])
    expect(one).toMatch(/^[0-9a-f]{32}$/)
    expect([two, statSync(path).mode & 0o777]).toEqual([one, 0o600])
    writeFileSync(path, 'two\nlines')
    await expect(nodePassword(path)).rejects.toThrow('is no password')
  })
})

describe('attack:', () => {
  test.each<[string, SupervisorStandIn['mood'], RegExp]>([
    ['a key that everybody has', 'shared key', /with a key that others have/],
    ['a certificate of another key', 'another key', /of another key/],
    ['a certificate of another node', 'another node', /of another subject/],
    ['a certificate that is none', 'garbage', /with a certificate that is damaged/],
    ['an answer without end', 'endless', /too long/],
    ['a failure', '500', /answered 500/],
  ])('%s is refused, and the one before stays', async (_what, mood, words) => {
    k3s.mood = mood
    const { kept, changes } = await keeping()
    await until('it is refused', () => lines.some((line) => words.test(line)))
    expect([kept.get('client'), changes()]).toEqual(['missing', 0])
  })

  test.each<[string, () => Parameters<typeof issuerOf>[0], RegExp]>([
    [
      'a server with another CA than the token names',
      () => ({ token: pinned(other) }),
      /another CA than the token names/,
    ],
    ['a server with another CA than the inventory has', () => ({ ca: other.certificate }), /does not answer/],
    ['a token without a CA', () => ({ token: 'secret' }), /does not name the CA/],
  ])('%s gets no password', async (_what, more, words) => {
    await keeping(issuerOf(more()))
    await until('it is refused', () => lines.some((line) => words.test(line)))
    expect(k3s.asked.filter((one) => one.includes('kubelet.crt'))).toEqual([])
    expect(k3s.passwords.size).toBe(0)
  })

  test('another host that took the name is refused', async () => {
    k3s.passwords.set('ocean', 'of another host')
    const { kept } = await keeping()
    await until('it is refused', () => lines.some((line) => line.includes('answered 403')))
    expect(kept.get('client')).toBe('missing')
  })
})

describe('the certificates of an answer', () => {
  const ca = other.certificate
  test('are all of it that counts', () => {
    expect(certificatesIn(`words\r\n${ca}more${ca}`)).toEqual({ pem: `${ca}${ca}` })
  })

  test.each([
    ['nothing', ''],
    ['a page', '<html>'],
    ['a key', `${ca}-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n`],
    ['too many', ca.repeat(17)],
    ['damage', ca.replace(/\n[A-Za-z0-9]{8}/, '\nAAAAAAAA')],
  ])('attack: %s', (_what, text) => {
    expect(certificatesIn(text)).toHaveProperty('fault')
  })
})

test('of several servers, the first that takes connections is asked', async () => {
  const closed = new URL('https://127.0.0.1:1')
  expect(await reachableServer([closed, server])()).toBe(server)
  expect(await reachableServer([server, closed])()).toBe(server)
  expect(await reachableServer([closed, new URL('https://127.0.0.1:2')])()).toBe(closed)
})
