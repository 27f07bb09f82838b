import { describe, expect, test } from 'vitest'
import type { SecretName } from '../../../../src/model/brands.ts'
import type { Cluster, SecretRule } from '../../../../src/model/cluster.ts'
import { encryptFile } from '../../../../src/secrets/age/file.ts'
import { isProven } from '../../../../src/secrets/readers/claimed-readers.ts'
import { isLost } from '../../../../src/secrets/readers/lost-files.ts'
import { warnRemoved } from '../../../../src/secrets/readers/removed-readers.ts'
import { recipientsOf } from '../../../../src/secrets/readers/staleness.ts'
import { unneededReaders } from '../../../../src/secrets/readers/unneeded-readers.ts'
import {
  admin,
  clusterWith,
  host,
  identitiesOf,
  newKey,
  rule,
  type TestKey,
} from '../../../support/secrets/secret-keys.ts'

const [myKey, oneKey, twoKey] = [newKey('ssh-ed25519'), newKey('age1'), newKey('age1')]
const me = admin('me', myKey)
const maia = host('maia', newKey('ssh-ed25519'))
const ocean = host('ocean', newKey('ssh-ed25519'))
const stranger = admin('stranger', newKey('ssh-ed25519'))
const [one, two] = [admin('one', oneKey), admin('two', twoKey)]
const encrypt = (of: SecretRule) => encryptFile(Buffer.from('v'), recipientsOf(of), { armor: false })

describe('a file is lost', () => {
  const cluster = clusterWith([], [me, maia])
  test.each([
    ['when only strangers can read it', [stranger], true],
    ['not while an admin can', [stranger, me], false],
    ['not while a host can', [maia, stranger], false],
    ['not while it names nobody', [stranger, one], false],
  ])('%s', async (_, readers, lost) => {
    expect(isLost(cluster, await encrypt(rule('a', readers)))).toBe(lost)
  })
})

describe('a file whose stanzas name nobody is proven', () => {
  test.each<[string, { made: (typeof me)[]; wanted: (typeof me)[]; keys: TestKey[]; proven: boolean }]>([
    [
      'when each is opened by a reader of its own',
      { made: [one, two], wanted: [two, one], keys: [oneKey, twoKey], proven: true },
    ],
    ['whoever else reads it by name', { made: [me, one], wanted: [me, one], keys: [oneKey], proven: true }],
    ['not when one stays closed', { made: [one, two], wanted: [one, two], keys: [oneKey], proven: false }],
    ['not when a reader has none', { made: [one], wanted: [one, two], keys: [oneKey, twoKey], proven: false }],
    ['not by a key that is no reader', { made: [one, two], wanted: [one], keys: [oneKey, twoKey], proven: false }],
    ['not when one reader opens two', { made: [one], wanted: [one, two], keys: [oneKey, oneKey], proven: false }],
  ])('%s', async (_, { made, wanted, keys, proven }) => {
    expect(await isProven(rule('a', wanted), await encrypt(rule('a', made)), await identitiesOf(...keys))).toBe(proven)
  })

  test('not by a key that can’t be tried', async () => {
    const [identity = expect.unreachable()] = await identitiesOf(oneKey)
    const locked = { ...identity, unwrapFileKey: () => Promise.reject(new Error('no passphrase')) }
    expect(await isProven(rule('a', [one]), await encrypt(rule('a', [one])), [locked])).toBe(false)
  })

  test('nor is a damaged one, where somebody should read it', async () => {
    expect(await isProven(rule('a', [one]), Buffer.from('x'), await identitiesOf(oneKey))).toBe(false)
  })
})

describe('who could read a secret, and may not any more', () => {
  const stale = (extra: readonly string[]) => ({ kind: 'stale', missing: [maia], extra, form: true }) as const
  const warned = (name: string, extra: readonly string[]) =>
    warnRemoved(clusterWith([]), [{ rule: rule(name, []), state: stale(extra) }])

  test.each([
    ['k3s-server-token', 'rotate the server token'],
    ['k3s-agent-token', 'rotate the agent token'],
    ['k3s-server-ca-key', "rotate the cluster's server CA"],
    ['dsn', 'keel secret set dsn'],
  ])('%s: %s', (name, what) => {
    expect(warned(name, ['host maia', 'admin old'])).toEqual([
      expect.stringMatching(`^${name}: host maia, admin old could read it .*${what}`),
    ])
  })

  test('nobody, where only a reader is missing or the file is up to date', () => {
    expect(warned('dsn', [])).toEqual([])
    expect(warnRemoved(clusterWith([]), [{ rule: rule('dsn', []), state: { kind: 'fresh' } }])).toEqual([])
  })
})

describe('hosts that have no use for a secret', () => {
  const of = (readers: readonly (typeof me)[], k3s: Readonly<Record<string, Cluster['hosts'][number]['k3s']>>) => {
    const cluster = clusterWith([rule('s3', readers)], [me, maia, ocean])
    const hosts = cluster.hosts.map((one) => ({ ...one, k3s: k3s[one.name] ?? {} }))
    return unneededReaders({ ...cluster, hosts }).map(({ rule: { name }, hosts }) => [
      name,
      hosts.map((one) => one.name),
    ])
  }
  const uses = { 'etcd-s3-secret-key': { secret: 's3' as SecretName } }
  const other = { 'etcd-s3-secret-key': { secret: 's4' as SecretName } }

  test.each([
    ['those that read it beside one that uses it', [me, maia, ocean], { maia: uses }, [['s3', ['ocean']]]],
    ['those that use another one', [me, maia, ocean], { maia: uses, ocean: other }, [['s3', ['ocean']]]],
    ['not those that can’t read it', [me, maia], { maia: uses }, []],
    ['not those that use it', [me, maia, ocean], { maia: uses, ocean: uses }, []],
    ['nobody, where keel can’t see its use', [me, maia, ocean], {}, []],
  ])('%s', (_, readers, k3s, found) => expect(of(readers, k3s)).toEqual(found))
})
