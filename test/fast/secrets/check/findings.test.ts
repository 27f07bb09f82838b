import { describe, expect, test } from 'vitest'
import { fileProblems, type SecretsSeen, secretFindings } from '../../../../src/secrets/check/findings.ts'
import type { FileState } from '../../../../src/secrets/readers/staleness.ts'
import type { SecretFile } from '../../../../src/secrets/store.ts'
import { clusterWith, host, newKey, rule } from '../../../support/secrets/secret-keys.ts'

const file = (state: FileState, more: Partial<SecretFile> = {}): SecretFile => ({
  rule: rule('dsn', []),
  state,
  lost: false,
  ...more,
})
const stale: FileState = { kind: 'stale', missing: [], extra: ['host maia'], form: false }

function seen(more: Partial<SecretsSeen>): SecretsSeen {
  const files = more.files ?? [file({ kind: 'fresh' })]
  const cluster = clusterWith(files.map((one) => one.rule))
  return { cluster, files, missingCertificates: [], strays: [], claimed: [], ...more }
}

describe('the verdict', () => {
  test.each([
    ['up to date', 'every file is fresh', {}],
    ['up to date', 'another keel is writing', { interrupted: 'busy' }],
    ['out of date', 'a file is stale', { files: [file(stale)] }],
    ['out of date', 'a secret has no value', { files: [file({ kind: 'missing' })] }],
    ['out of date', 'a file belongs to no secret', { strays: ['secrets/old.age'] }],
    ['out of date', 'the certificate is missing', { missingCertificates: ['secrets/server-ca.crt'] }],
    ['out of date', 'a change is half written', { interrupted: 'unfinished' }],
    ['broken', 'a file is damaged', { files: [file({ kind: 'damaged', why: 'no age file' })] }],
    [
      'broken',
      'one of two files is damaged',
      { files: [file({ kind: 'fresh' }), file({ kind: 'damaged', why: 'no age file' })] },
    ],
    ['out of date', 'one of two files is stale', { files: [file({ kind: 'fresh' }), file(stale)] }],
    ['broken', 'nobody in the inventory can read a file', { files: [file(stale, { lost: true })] }],
    ['broken', 'somebody else wrote the journal', { interrupted: 'foreign' }],
  ] satisfies [string, string, Partial<SecretsSeen>][])('%s: %s', (verdict, _, more) => {
    expect(secretFindings(seen(more)).verdict).toBe(verdict)
  })
})

describe('the cure', () => {
  const cureOf = (one: SecretFile, isMade = false) => /\((.*)\)$/.exec(fileProblems([one], () => isMade)[0] ?? '')?.[1]
  const token = (isMade: boolean) =>
    cureOf(file({ kind: 'missing' }, { rule: rule('t', [], { generate: 'k3s-token' }) }), isMade)

  test('of a stale file is rekey', () => expect(cureOf(file(stale))).toBe('keel rekey'))
  test('of one that nobody can read is not', () =>
    expect(cureOf(file(stale, { lost: true }))).toMatch(/keel secret set dsn$/))
  test('of a missing value is its user', () => expect(cureOf(file({ kind: 'missing' }))).toBe('keel secret set dsn'))
  test('of a missing token is rekey only where there is no CA either', () => {
    expect(token(true)).toBe('keel rekey')
    expect(token(false)).toMatch(/keel secret import t --from-host HOST$/)
  })
})

test('the key of the agents’ CA is left over where the inventory has no agent any more', () => {
  expect(secretFindings(seen({ strays: ['secrets/keel-agent-ca-key.age'] })).problems).toEqual([
    'secrets/keel-agent-ca-key.age: belongs to no secret of the inventory (set keelAgent in hosts/cluster, or git rm secrets/keel-agent-ca-key.age secrets/keel-agent-ca.crt)',
  ])
})

test('a stray file whose name no secret may have is to be renamed, and its name is quoted', () => {
  const { problems } = secretFindings(seen({ strays: ['secrets/old.age', 'secrets/A b.age'] }))
  expect(problems[0]).toBe(
    'secrets/old.age: belongs to no secret of the inventory (add a secret of that name, or git rm secrets/old.age)',
  )
  expect(problems[1]).toMatch(/keel cannot use its name: .*; rename the file .*git rm 'secrets\/A b.age'\)$/)
})

describe('beside the verdict a check tells', () => {
  const [maia, ocean] = [host('maia', newKey('ssh-ed25519')), host('ocean', newKey('ssh-ed25519'))]

  test('of keys that a file names twice', () => {
    const found = secretFindings(
      seen({ files: [file({ kind: 'fresh', doubled: ['admin me', 'host maia'] }), file(stale)] }),
    )
    expect(found.notes).toEqual(['secrets/dsn.age: names admin me, host maia more than once; this is harmless'])
    expect(secretFindings(seen({ files: [file({ kind: 'fresh' }), file(stale)] })).notes).toEqual([])
  })

  test('of readers that only the record knows', () => {
    expect(secretFindings(seen({ claimed: [rule('dsn', [])] })).warnings).toEqual([
      expect.stringMatching(/^dsn: only secrets\/recipients\.json says who can read it/),
    ])
  })

  test('of hosts that have no use for a secret they read', () => {
    const dsn = rule('dsn', [maia, ocean])
    const cluster = clusterWith([dsn], [maia, ocean])
    const hosts = cluster.hosts.map((one) =>
      one.name === 'maia' ? { ...one, k3s: { token: { secret: dsn.name } } } : one,
    )
    const { warnings } = secretFindings(seen({ cluster: { ...cluster, hosts } }))
    expect(warnings).toEqual([
      'dsn: host ocean (server) can read it, but nothing in the inventory uses it there (remove these readers, then run keel rekey)',
    ])
  })
})
