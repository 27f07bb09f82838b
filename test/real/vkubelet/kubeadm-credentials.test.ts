import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { logTo } from '../../../src/agent/log.ts'
import { certificateRequest } from '../../../src/agent/operational/certificate-request.ts'
import { parseHostName } from '../../../src/model/names.ts'
import type { Issuer } from '../../../src/vkubelet/credentials/issuer.ts'
import { keepCredentials } from '../../../src/vkubelet/credentials/keep-credentials.ts'
import { KeptCredentials } from '../../../src/vkubelet/credentials/kept-credentials.ts'
import { kubeadmIssuer } from '../../../src/vkubelet/credentials/kubeadm-issuer.ts'
import { issuerOf } from '../../../src/vkubelet/program/issuer-of.ts'
import { CsrApi } from '../../support/agent/csr-api.ts'
import { TestCa } from '../../support/agent/test-ca.ts'
import { until } from '../../support/until.ts'

/** Requests that openssl reads, and certificates that openssl signs. The real API server is in the lab. */
const node = parseHostName('ocean')
const TOKEN = 'abcdef.0123456789abcdef'

let ca: TestCa
beforeAll(() => {
  ca = new TestCa()
})
afterAll(() => ca.remove())

let api: CsrApi
let folder: string
let ending: AbortController
let running: Promise<unknown>
const lines: string[] = []
beforeEach(async () => {
  lines.length = 0
  folder = mkdtempSync(join(tmpdir(), 'keel-vks-kubeadm-'))
  api = new CsrApi(ca)
  api.token = TOKEN
  ending = new AbortController()
})
afterEach(async () => {
  ending.abort()
  await running?.catch(() => undefined)
  await api.close()
  rmSync(folder, { recursive: true })
})

const pair = (name: string) => ({ certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) })

async function keeping(token = TOKEN) {
  const server = new URL(await api.listen())
  return keepingWith(
    kubeadmIssuer({
      node,
      server: async () => server,
      ca: ca.pem.cert,
      token: async () => `${token}\n`,
      signal: ending.signal,
    }),
  )
}

async function keepingWith(issuer: Issuer) {
  const kept = new KeptCredentials({
    client: pair('client'),
    serving: pair('serving'),
    clientCa: join(folder, 'ca.crt'),
  })
  await kept.read()
  running = keepCredentials({
    node,
    addresses: ['10.0.0.7'],
    issuer,
    kept,
    log: logTo({ write: (line) => lines.push(line) }, 'info'),
    signal: ending.signal,
    changed: () => undefined,
    lookAgain: 10,
  })
  running.catch(() => undefined)
  return kept
}

describe('a Node of kubeadm', () => {
  test('joins with a bootstrap token, then asks as itself', async () => {
    const kept = await keeping()
    await until('both are there', () => typeof kept.get('serving') !== 'string', 25).catch((error: Error) =>
      expect.unreachable(`${error.message}: ${lines.join('')}`),
    )
    const [client, serving] = api.asked
    expect(client?.spec).toMatchObject({
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    })
    expect(ca.describeRequest(client?.request ?? '')).toContain('Subject: CN=system:node:ocean,O=system:nodes')
    expect(ca.describeRequest(client?.request ?? '')).not.toContain('Alternative Name')
    expect(serving?.spec).toMatchObject({
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'server auth'],
      expirationSeconds: 604_800,
    })
    expect(ca.describeRequest(serving?.request ?? '')).toContain('DNS:ocean, IP Address:10.0.0.7')
    expect(kept.identity.clientCa).toBe(ca.pem.cert)
    expect(lines.join('')).not.toContain(TOKEN)
  })

  test.each<[string, string, CsrApi['mood'], RegExp]>([
    ['a token that is none', 'secret', 'signs', /the bootstrap token is none/],
    ['a token that has ended', '000000.0000000000000000', 'signs', /answered 401/],
    ['a refusal', TOKEN, 'denies', /was refused: not a node of ours/],
    ['a certificate of another key', TOKEN, 'another key', /of another key/],
  ])('with %s has no certificate, and says why', async (_what, token, mood, words) => {
    api.mood = mood
    const kept = await keeping(token)
    await until('it says why', () => lines.some((line) => words.test(line)))
    expect(kept.get('client')).toBe('missing')
  })
})

describe('the permit of a join', () => {
  const permit = () => join(folder, 'permit')
  const joining = async () => {
    const clusterCa = join(folder, 'cluster-ca.crt')
    writeFileSync(clusterCa, ca.pem.cert)
    writeFileSync(permit(), `join ${TOKEN}\n`)
    const files = { ca: clusterCa, client: pair('client'), state: folder }
    const by = { kind: 'kubeadm' as const, token: permit() }
    return issuerOf(
      { servers: [await api.listen()], join: by, ...files },
      { node, addresses: ['10.0.0.7'], signal: ending.signal },
    )
  }

  test('stays until the certificate is on the disk, and goes then', async () => {
    const issuer = await joining()
    expect(await issuer.client(certificateRequest(node), undefined)).toContain('BEGIN CERTIFICATE')
    expect(existsSync(permit())).toBe(true)
    const kept = await keepingWith(issuer)
    await until('it is gone', () => !existsSync(permit()))
    expect(existsSync(join(folder, 'client.crt'))).toBe(true)
    expect(kept.get('client')).toHaveProperty('certificate')
  })

  test('goes with the next start, where a kill has left it', async () => {
    const issuer = await joining()
    await keepingWith(issuer)
    await until('it is gone', () => !existsSync(permit()))
    ending.abort()
    await running.catch(() => undefined)
    ending = new AbortController()
    writeFileSync(permit(), `join ${TOKEN}\n`)
    await keepingWith(issuer)
    await until('it is gone again', () => !existsSync(permit()))
  })
})
