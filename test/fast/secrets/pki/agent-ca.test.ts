import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Cluster, SecretRule } from '../../../../src/model/cluster.ts'
import { encryptFile } from '../../../../src/secrets/age/file.ts'
import { fileProblems } from '../../../../src/secrets/check/findings.ts'
import { seenCas } from '../../../../src/secrets/check/seen-cas.ts'
import { makeAgentCa, verifyAgentCa } from '../../../../src/secrets/pki/agent-ca.ts'
import { rekey } from '../../../../src/secrets/rekey.ts'
import { openStore, type Store } from '../../../../src/secrets/store.ts'
import { checkValue } from '../../../../src/secrets/values/check-value.ts'
import { generateMissingSecrets } from '../../../../src/secrets/values/generate.ts'
import { sampleK3s } from '../../../support/samples/sample-cluster.ts'
import { admin, clusterWith, identitiesOf, k3sRules, newKey, rule } from '../../../support/secrets/secret-keys.ts'

const myKey = newKey('ssh-ed25519')
const me = admin('me', myKey)
const mine = () => identitiesOf(myKey)
const ofK3s = k3sRules([me])
const ofAgent = rule('keel-agent-ca-key', [me], { generate: 'keel-agent-ca' })
const keelAgent: Cluster['keelAgent'] = {
  credential: { kind: 'kubelet' },
  rbac: 'split',
  port: 50_051,
  logLevel: 'info',
}
const now = Date.UTC(2026, 10, 21, 12)

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keel-agent-ca-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = (rules: readonly SecretRule[], more: Partial<Cluster> = { keelAgent }): Promise<Store> =>
  openStore(directory, { ...clusterWith(rules, [me]), ...more })
const path = (name: string) => join(directory, 'secrets', name)
const bytes = (names: readonly string[]) => Promise.all(names.map((name) => readFile(path(name))))

describe('the CA of the keel-agents', () => {
  const { certificate, key } = makeAgentCa(now)
  const parsed = new X509Certificate(certificate)

  test('is a self-signed CA on P-256 for ten years', () => {
    expect(parsed.subject).toBe(`CN=keel-agent-ca@${now / 1000}`)
    expect(parsed.ca).toBe(true)
    expect(parsed.checkIssued(parsed)).toBe(true)
    expect(parsed.verify(parsed.publicKey)).toBe(true)
    expect(parsed.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
    expect(parsed.validToDate.toISOString()).toBe('2036-11-18T12:00:00.000Z')
  })

  test('is refused with the key of another one, without a certificate, and with two', () => {
    expect(() => verifyAgentCa({ certificate, key })).not.toThrow()
    expect(() => verifyAgentCa({ certificate, key: makeAgentCa(now).key })).toThrow(/another key/)
    expect(() => verifyAgentCa({ certificate: '', key })).toThrow(/no certificate/)
    expect(() => verifyAgentCa({ certificate: certificate + certificate, key })).toThrow(/more than one/)
  })
})

describe('an inventory', () => {
  test('that has a cluster gets the CA from rekey, and nothing else changes', async () => {
    await generateMissingSecrets(await open(ofK3s, {}))
    const others = ['k3s-agent-token.age', 'k3s-server-ca-key.age', 'k3s-server-token.age', 'server-ca.crt']
    const before = await bytes(others)
    const store = await open([...ofK3s, ofAgent])
    await expect(store.agentCaCertificate()).rejects.toMatchObject({ code: 'agent-ca-missing', exit: 2 })
    expect((await seenCas(store)).isMade(ofAgent)).toBe(true)
    const outcomes = (await rekey(store, mine)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['kept', 'kept', 'kept', 'made'])
    expect(await bytes(others)).toEqual(before)
    const certificate = (await store.agentCaCertificate()) ?? expect.unreachable()
    const key = Buffer.from(await store.read(ofAgent.name, await mine())).toString()
    expect(() => verifyAgentCa({ certificate, key })).not.toThrow()
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'kept', 'kept'])
  })

  test('that is new gets it together with the CA and the tokens of the cluster', async () => {
    const store = await open([...ofK3s, ofAgent])
    expect(await generateMissingSecrets(store)).toHaveLength(4)
    expect(await seenCas(store).then(({ missingCertificates }) => missingCertificates())).toEqual([])
  })

  test('gets it also where the CA of the cluster comes from elsewhere', async () => {
    const { ca: _, ...secrets } = sampleK3s().secrets
    const store = await open([ofAgent], { keelAgent, distribution: sampleK3s({ secrets }) })
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['made'])
    expect(await store.agentCaCertificate()).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })

  test('without the keel-agent has none', async () => {
    expect(await (await open(ofK3s, {})).agentCaCertificate()).toBeUndefined()
  })

  test('that has lost the key, or the certificate, never gets another CA', async () => {
    const store = await open([ofAgent])
    await rekey(store, mine)
    const [certificate, key] = await bytes(['keel-agent-ca.crt', 'keel-agent-ca-key.age'])

    await rm(path('keel-agent-ca-key.age'))
    await expect(store.agentCaCertificate()).rejects.toMatchObject({
      code: 'agent-ca',
      exit: 2,
      found: 'a certificate without its key',
    })
    expect((await seenCas(store)).isMade(ofAgent)).toBe(false)
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['waiting'])
    expect(await generateMissingSecrets(store)).toEqual([])

    await writeFile(path('keel-agent-ca-key.age'), key ?? expect.unreachable())
    await rm(path('keel-agent-ca.crt'))
    await expect(store.agentCaCertificate()).rejects.toMatchObject({
      code: 'agent-ca',
      exit: 2,
      found: 'no certificate',
    })
    expect(await (await seenCas(store)).missingCertificates()).toEqual(['secrets/keel-agent-ca.crt'])
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['kept'])
    await expect(readFile(path('keel-agent-ca.crt'))).rejects.toThrow('ENOENT')

    await writeFile(path('keel-agent-ca.crt'), certificate ?? expect.unreachable())
    expect(await store.agentCaCertificate()).toBe(`${certificate}`)
  })

  describe('shows without a private key whether certificate and key belong together', () => {
    const stateOf = async (store: Store) => (await store.inspect()).find(({ rule: { name } }) => name === ofAgent.name)
    const record = () => path('recipients.json')
    const another = makeAgentCa(now)

    test.each([
      ['another certificate', async () => writeFile(path('keel-agent-ca.crt'), another.certificate)],
      ['no certificate', async () => writeFile(path('keel-agent-ca.crt'), 'garbage')],
    ])('%s in its place is reported, and rekey refuses to go on', async (_, change) => {
      const store = await open([ofAgent])
      await rekey(store, mine)
      expect(await stateOf(store)).toMatchObject({ state: { kind: 'fresh' } })
      await change()
      const seen = (await stateOf(store)) ?? expect.unreachable()
      expect(fileProblems([seen], () => false)).toEqual([
        'secrets/keel-agent-ca-key.age: damaged: secrets/keel-agent-ca.crt is the certificate of another key (restore it and secrets/keel-agent-ca.crt from the same commit)',
      ])
      await expect(rekey(store, mine)).rejects.toMatchObject({ code: 'agent-ca', exit: 2 })
    })

    test('another key in its place is unknown, and rekey finds what it is', async () => {
      const store = await open([ofAgent])
      await rekey(store, mine)
      const before = await readFile(record(), 'utf8')
      const own = await store.read(ofAgent.name, await mine())
      // as another keel would have encrypted it, whose record is lost in a merge
      await writeFile(
        path('keel-agent-ca-key.age'),
        await encryptFile(Buffer.from(another.key), [myKey.recipient], { armor: false }),
      )
      expect(await stateOf(store)).toMatchObject({ state: { kind: 'unknown' } })
      await expect(rekey(store, mine)).rejects.toMatchObject({ code: 'agent-ca' })
      await writeFile(path('keel-agent-ca-key.age'), await encryptFile(own, [myKey.recipient], { armor: false }))
      expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['re-encrypted'])
      expect(await stateOf(store)).toMatchObject({ state: { kind: 'fresh' } })
      expect(await readFile(record(), 'utf8')).not.toBe(before)
    })

    test('without the record it is unknown, and rekey writes the record again', async () => {
      const store = await open([ofAgent])
      await rekey(store, mine)
      await rm(record())
      expect(await stateOf(store)).toMatchObject({ state: { kind: 'unknown' } })
      expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['re-encrypted'])
      expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['kept'])
    })
  })

  test('takes back no key of another CA', async () => {
    const store = await open([ofAgent])
    await rekey(store, mine)
    const check = (key: string) =>
      checkValue(store.cluster, { ca: undefined, agentCa: certificate }, ofAgent.name, Buffer.from(key))
    const certificate = await store.agentCaCertificate()
    const own = Buffer.from(await store.read(ofAgent.name, await mine())).toString()
    expect(check(own).warnings).toEqual([])
    expect(() => check(makeAgentCa(now).key)).toThrow(/another key/)
  })
})

test('seen before its first deploy, a cluster misses no certificate; later it does', async () => {
  const store = await open(ofK3s, {})
  const missing = async () => (await seenCas(store)).missingCertificates()
  expect(await missing()).toEqual([])
  await generateMissingSecrets(store)
  expect(await missing()).toEqual([])
  await rm(path('server-ca.crt'))
  expect(await missing()).toEqual(['secrets/server-ca.crt'])
})
