import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SecretName } from '../../../src/model/brands.ts'
import type { Reader, SecretRule } from '../../../src/model/cluster.ts'
import { sha256 } from '../../../src/model/digest.ts'
import { parseToken } from '../../../src/model/k3s/token.ts'
import { verifyCa } from '../../../src/secrets/pki/server-ca.ts'
import { parseRecord, printRecord } from '../../../src/secrets/record.ts'
import { rekey } from '../../../src/secrets/rekey.ts'
import { openStore } from '../../../src/secrets/store.ts'
import { checkValue } from '../../../src/secrets/values/check-value.ts'
import { generateMissingSecrets } from '../../../src/secrets/values/generate.ts'
import { sampleK3s } from '../../support/samples/sample-cluster.ts'
import { admin, clusterWith, host, identitiesOf, k3sRules, newKey, rule } from '../../support/secrets/secret-keys.ts'

const myKey = newKey('ssh-ed25519')
const nativeKey = newKey('age1')
const maiaKey = newKey('ssh-ed25519')
const me = admin('me', myKey)
const native = admin('native', nativeKey)
const maia = host('maia', maiaKey)
const named = (name: string) => name as SecretName
const mine = () => identitiesOf(myKey)

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keel-store-'))
})
afterEach(() => rm(directory, { recursive: true }))

const open = (rules: readonly SecretRule[], readers: readonly Reader[] = [me, maia, native]) =>
  openStore(directory, clusterWith(rules, readers))
const fileNames = async () => (await readdir(join(directory, 'secrets'))).sort()
const contents = async (name: string) => readFile(join(directory, 'secrets', name))

async function withValues(rules: readonly SecretRule[]) {
  const store = await open(rules)
  for (const { name } of rules) await store.write(name, Buffer.from(`value of ${name}`))
  return store
}

describe('a store', () => {
  test('gives back what was written, to each reader, and its digest', async () => {
    const store = await withValues([rule('a', [me, native])])
    for (const key of [myKey, nativeKey]) {
      expect(Buffer.from(await store.read(named('a'), await identitiesOf(key))).toString()).toBe('value of a')
    }
    expect(await store.sourceDigest(named('a'))).toBe(sha256(await contents('a.age')))
  })

  test('zeroes the clear text it was given', async () => {
    const value = Buffer.from('clear')
    await (await open([rule('a', [me])])).write(named('a'), value)
    expect(value.every((byte) => byte === 0)).toBe(true)
  })

  test('records age1 recipients only, sorted, and forgets what has no rule', async () => {
    await withValues([rule('b', [native]), rule('a', [native, me]), rule('ssh', [me])])
    expect(Object.keys(parseRecord((await contents('recipients.json')).toString()))).toEqual([
      'secrets/a.age',
      'secrets/b.age',
    ])
    const store = await open([rule('a', [native, me])])
    await store.write(named('a'), Buffer.from('x'))
    expect(Object.keys(parseRecord((await contents('recipients.json')).toString()))).toEqual(['secrets/a.age'])
  })

  test('writes no record where nobody has an age1 key', async () => {
    await withValues([rule('a', [me, maia])])
    expect(await fileNames()).toEqual(['a.age'])
  })

  test.each([
    ['an unknown name, with the nearest one', 'ab-token', /did you mean 'a-token'/],
    ['a missing file', 'a-token', /no value for a-token/],
  ])('says %s', async (_, name, message) => {
    const store = await open([rule('a-token', [me])])
    await expect(store.read(named(name), await mine())).rejects.toThrow(message)
  })

  test('says whose key would decrypt a file that ours does not', async () => {
    const store = await withValues([rule('a', [maia, native])])
    await expect(store.read(named('a'), await mine())).rejects.toMatchObject({
      code: 'secret-not-ours',
      why: expect.stringMatching(/host maia, an age1 recipient; tried key 0/),
    })
  })

  test('refuses a rule that nobody may read, and a record full of conflict markers', async () => {
    await expect((await open([rule('a', [])])).write(named('a'), Buffer.from('x'))).rejects.toThrow(/nobody may read a/)
    await mkdir(join(directory, 'secrets'), { recursive: true })
    await writeFile(join(directory, 'secrets/recipients.json'), '<<<<<<< HEAD\n{}')
    await expect((await open([rule('a', [me])])).inspect()).rejects.toMatchObject({
      code: 'recipients-record',
      exit: 2,
    })
  })
})

describe('rekey', () => {
  test('mends what is out of date and leaves right files byte for byte', async () => {
    await withValues([rule('right', [me]), rule('wider', [me]), rule('narrower', [me, maia]), rule('native', [me])])
    const before = await contents('right.age')
    const store = await open([
      rule('right', [me]),
      rule('wider', [me, maia]),
      rule('narrower', [me]),
      rule('native', [me, native]),
    ])
    const outcomes = (await rekey(store, mine)).map(({ rule: { name }, outcome }) => `${name} ${outcome}`)
    expect(outcomes).toEqual(['right kept', 'wider re-encrypted', 'narrower re-encrypted', 'native re-encrypted'])
    expect(await contents('right.age')).toEqual(before)
    expect((await store.inspect()).map(({ state }) => state.kind)).toEqual(['fresh', 'fresh', 'fresh', 'fresh'])
    expect(Buffer.from(await store.read(named('wider'), await identitiesOf(maiaKey))).toString()).toBe('value of wider')
    await expect(store.read(named('narrower'), await identitiesOf(maiaKey))).rejects.toThrow()
  })

  test('asks for no private key when nothing has to be decrypted', async () => {
    const store = await withValues([rule('a', [me])])
    const outcomes = await rekey(store, () => Promise.reject(new Error('asked')))
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['kept'])
  })

  test('changes nothing when one file can not be decrypted, and names each that could not', async () => {
    await withValues([rule('mine', [me]), rule('theirs', [maia]), rule('theirs-too', [maia])])
    const before = await Promise.all(['mine.age', 'theirs.age'].map(contents))
    const store = await open([rule('mine', [me, maia]), rule('theirs', [me]), rule('theirs-too', [me])])
    await expect(rekey(store, mine)).rejects.toMatchObject({
      exit: 1,
      faults: [{ at: 'secrets/theirs.age' }, { at: 'secrets/theirs-too.age' }],
    })
    expect(await Promise.all(['mine.age', 'theirs.age'].map(contents))).toEqual(before)
  })

  test('says which secret waits for its value', async () => {
    const [waiting] = await rekey(await open([rule('a', [me])]), mine)
    expect(waiting).toMatchObject({ outcome: 'waiting', state: { kind: 'missing' } })
  })
})

describe('CA and tokens', () => {
  const rules = k3sRules([me, native])

  test('are made together for a new inventory, the tokens pinned to the CA', async () => {
    const store = await open(rules)
    expect(await generateMissingSecrets(store)).toEqual(rules.map(({ name }) => name))
    expect(await fileNames()).toEqual([
      'k3s-agent-token.age',
      'k3s-server-ca-key.age',
      'k3s-server-token.age',
      'recipients.json',
      'server-ca.crt',
    ])
    const text = async (name: string) => Buffer.from(await store.read(named(name), await mine())).toString()
    const ca = await store.caCertificate()
    expect(ca?.hash).toBe(sha256(await contents('server-ca.crt')))
    expect(parseToken(await text('k3s-server-token'))).toMatchObject({
      kind: 'pinned',
      user: 'server',
      caHash: ca?.hash,
    })
    expect(parseToken(await text('k3s-agent-token'))).toMatchObject({ kind: 'pinned', user: 'node', caHash: ca?.hash })
    verifyCa({ certificate: ca?.pem ?? '', key: await text('k3s-server-ca-key') })
    expect((await store.inspect()).every(({ state }) => state.kind === 'fresh')).toBe(true)
  })

  test('are made by rekey where there are none, and not again', async () => {
    const store = await open(rules)
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['made', 'made', 'made'])
    const before = await Promise.all((await fileNames()).map(contents))
    expect((await rekey(store, mine)).map(({ outcome }) => outcome)).toEqual(['kept', 'kept', 'kept'])
    expect(await generateMissingSecrets(store)).toEqual([])
    expect(await Promise.all((await fileNames()).map(contents))).toEqual(before)
  })

  test('are not made when rekey fails otherwise, and beside what it mends when it does not', async () => {
    await withValues([rule('theirs', [maia, native])])
    const store = await open([...rules, rule('theirs', [me, native])])
    await expect(rekey(store, mine)).rejects.toMatchObject({ faults: [{ at: 'secrets/theirs.age' }] })
    expect(await fileNames()).toEqual(['recipients.json', 'theirs.age'])
    const outcomes = (await rekey(store, () => identitiesOf(maiaKey))).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['made', 'made', 'made', 're-encrypted'])
    expect((await store.inspect()).map(({ state }) => state.kind)).toEqual(['fresh', 'fresh', 'fresh', 'fresh'])
  })

  test.each([['k3s-agent-token.age'], ['k3s-server-token.age'], ['k3s-server-ca-key.age']])(
    'are never made one by one: without %s a cluster may be living',
    async (lost) => {
      const store = await open(rules)
      await generateMissingSecrets(store)
      await rm(join(directory, 'secrets', lost))
      await expect(generateMissingSecrets(store)).rejects.toMatchObject({ code: 'secret-lost', exit: 2 })
      expect((await rekey(store, mine)).map(({ outcome }) => outcome).sort()).toEqual(['kept', 'kept', 'waiting'])
    },
  )

  test('are not made for a cluster whose CA keel does not have', async () => {
    const cluster = clusterWith(rules.filter(({ generate }) => generate === 'k3s-token'))
    const { ca: _, ...secrets } = sampleK3s().secrets
    await expect(
      generateMissingSecrets({ directory, cluster: { ...cluster, distribution: sampleK3s({ secrets }) } }),
    ).rejects.toThrow(/without a CA to pin them to/)
  })

  test('given by hand are checked', async () => {
    const store = await open(rules)
    await generateMissingSecrets(store)
    const ca = await store.caCertificate()
    const check = (name: string, text: string) => checkValue(store.cluster, { ca }, named(name), Buffer.from(text))
    const other = sha256('another CA')
    const pinned = check('k3s-server-token', `K10${ca?.hash}::server:pw\r\n\n`)
    expect(Buffer.from(pinned.value).toString()).toBe(`K10${ca?.hash}::server:pw`)
    expect(pinned.warnings).toEqual([])
    expect(check('k3s-server-token', 'pw').warnings).toHaveLength(1)
    expect(check('k3s-server-token', 'K3S10::server:pw').warnings[0]).toMatch(/K3S10/)
    expect(() => check('k3s-server-token', `K10${ca?.hash}::node:pw`)).toThrow(/::server:/)
    expect(() => check('k3s-agent-token', `K10${ca?.hash}::server:pw`)).toThrow(/::node:/)
    expect(() => check('k3s-agent-token', `K10${other}::node:pw`)).toThrow(/another CA/)
    expect(() => check('k3s-server-ca-key', 'pw')).toThrow(/not a private key/)
    expect(() => check('k3s-agent-token', 'two words')).toThrow(/^k3s-agent-token: a token with white space/)
    expect(check('else', 'kept as it is\n')).toEqual({ value: Buffer.from('kept as it is\n'), warnings: [] })
  })
})

describe('the record', () => {
  test('is the same text whatever the order in which it was made', () => {
    const entry = (n: number) => ({ sha256: `${n}`, recipients: ['r'] })
    expect(printRecord({ b: entry(1), a: entry(2) })).toBe(printRecord({ a: entry(2), b: entry(1) }))
  })
})
