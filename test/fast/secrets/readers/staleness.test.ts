import { beforeAll, describe, expect, test } from 'vitest'
import type { SecretRule } from '../../../../src/model/cluster.ts'
import { sha256 } from '../../../../src/model/digest.ts'
import { encryptFile } from '../../../../src/secrets/age/file.ts'
import { keyNames } from '../../../../src/secrets/readers/key-names.ts'
import { recipientsOf, staleness } from '../../../../src/secrets/readers/staleness.ts'
import { recordEntry } from '../../../../src/secrets/record.ts'
import { admin, clusterWith, host, newKey, rule } from '../../../support/secrets/secret-keys.ts'

const me = admin('me', newKey('ssh-ed25519'))
const old = admin('old', newKey('ssh-rsa'))
const native = admin('native', newKey('age1'))
const hybrid = admin('hybrid', newKey('age1pq1'))
const other = admin('other', newKey('age1'))
const maia = host('maia', newKey('ssh-ed25519'))
const twin = { ...me, kind: 'host' as const, name: 'twin' }
const nameOf = keyNames(clusterWith([], [me, old, maia, native]))

const encrypt = (of: SecretRule) => encryptFile(Buffer.from('v'), recipientsOf(of), { armor: of.armor })

/** A file made for one rule, held against another. */
async function compare(made: SecretRule, wanted: SecretRule, options: { recorded?: boolean } = {}) {
  const file = await encrypt(made)
  const entry = options.recorded === false ? undefined : recordEntry(sha256(file), recipientsOf(made))
  return staleness(wanted, file, entry, nameOf)
}

describe('what is seen without a private key', () => {
  test.each([
    ['SSH readers', rule('a', [me, old, maia]), rule('a', [maia, old, me])],
    ['age1 readers', rule('a', [native, other]), rule('a', [other, native])],
    ['age1 readers of both kinds', rule('a', [native, hybrid]), rule('a', [hybrid, native])],
    ['a key that an admin and a host share', rule('a', [me, twin]), rule('a', [twin, me])],
    ['armor', rule('a', [me], { armor: true }), rule('a', [me], { armor: true })],
  ])('the same readers in any order are right: %s', async (_, made, wanted) => {
    expect(await compare(made, wanted)).toEqual({ kind: 'fresh' })
  })

  test.each([
    ['an SSH reader is missing', rule('a', [me]), rule('a', [me, maia]), { missing: [maia] }],
    ['an SSH reader is too many', rule('a', [me, maia]), rule('a', [me]), { extra: ['host maia'] }],
    [
      'one took another’s place',
      rule('a', [me, old]),
      rule('a', [me, maia]),
      { missing: [maia], extra: ['admin old'] },
    ],
    [
      'a post-quantum reader took an age1 reader’s place',
      rule('a', [me, native]),
      rule('a', [me, hybrid]),
      { missing: [hybrid], extra: ['admin native'] },
    ],
    ['an age1 reader is missing', rule('a', [me]), rule('a', [me, native]), { missing: [native] }],
    ['an age1 reader is too many', rule('a', [me, native]), rule('a', [me]), { extra: ['admin native'] }],
    [
      'an age1 reader took another’s place',
      rule('a', [native]),
      rule('a', [other]),
      { missing: [other], extra: ['admin native'] },
    ],
    ['armor is wanted', rule('a', [me]), rule('a', [me], { armor: true }), { form: true }],
    ['armor is not wanted', rule('a', [me], { armor: true }), rule('a', [me]), { form: true }],
  ])('%s', async (_, made, wanted, differences) => {
    expect(await compare(made, wanted)).toEqual({ kind: 'stale', missing: [], extra: [], form: false, ...differences })
  })

  test('a key that the inventory does not know is named by its tag', async () => {
    const stranger = admin('stranger', newKey('ssh-ed25519'))
    expect(await compare(rule('a', [me, stranger]), rule('a', [me]))).toMatchObject({
      kind: 'stale',
      extra: [expect.stringMatching(/^ssh-ed25519 \S{6} \(not in the inventory\)$/)],
    })
  })
})

describe('a file with age1 recipients', () => {
  const mixed = rule('a', [me, native])

  test('is unknown without an entry', async () => {
    expect(await compare(mixed, mixed, { recorded: false })).toMatchObject({ kind: 'unknown' })
  })

  test('is unknown when it was changed without its entry', async () => {
    const entry = recordEntry(sha256(await encrypt(mixed)), recipientsOf(mixed))
    expect(staleness(mixed, await encrypt(mixed), entry, nameOf)).toMatchObject({ kind: 'unknown' })
  })

  test('is unknown when its entry names another number of recipients', async () => {
    const file = await encrypt(mixed)
    expect(staleness(mixed, file, recordEntry(sha256(file), [me.key]), nameOf)).toMatchObject({ kind: 'unknown' })
  })

  test('is stale, entry or not, when its rule has no age1 reader', async () => {
    expect(await compare(mixed, rule('a', [me]), { recorded: false })).toMatchObject({ kind: 'stale', missing: [] })
  })
})

describe('stanzas of nobody', () => {
  let file: string
  beforeAll(async () => {
    file = Buffer.from(await encrypt(rule('a', [me]))).toString('latin1')
  })
  const withStanza = (line: string) => Buffer.from(file.replace('\n--- ', `\n${line}\nAAAA\n--- `), 'latin1')

  test('rage’s grease is passed over', () => {
    expect(staleness(rule('a', [me]), withStanza('-> t6*-grease x y'), undefined, nameOf)).toEqual({ kind: 'fresh' })
  })

  test('a recipient of an unknown kind is one too many', () => {
    expect(staleness(rule('a', [me]), withStanza('-> piv-p256 x y'), undefined, nameOf)).toMatchObject({
      kind: 'stale',
      extra: [expect.stringContaining('piv-p256')],
    })
  })

  test('a reader whom the file names twice or three times is no fault, and is told', () => {
    const label = file.split('\n')[1] ?? ''
    const [twice, thrice] = [withStanza(label), withStanza(`${label}\nAAAA\n${label}`)]
    for (const each of [twice, thrice])
      expect(staleness(rule('a', [me]), each, undefined, nameOf)).toEqual({ kind: 'fresh', doubled: ['admin me'] })
    expect(staleness(rule('a', [maia]), twice, undefined, nameOf)).toMatchObject({ kind: 'stale', missing: [maia] })
    expect(staleness(rule('a', [me, maia]), twice, undefined, nameOf)).toMatchObject({
      kind: 'stale',
      missing: [maia],
      extra: [],
    })
  })

  test('no file and a damaged file are told apart', () => {
    expect(staleness(rule('a', [me]), undefined, undefined, nameOf)).toEqual({ kind: 'missing' })
    expect(staleness(rule('a', [me]), Buffer.from('hello'), undefined, nameOf)).toMatchObject({ kind: 'damaged' })
  })
})
