import { expect, test } from 'vitest'
import { describeState } from '../../../../src/secrets/readers/describe-state.ts'
import type { FileState } from '../../../../src/secrets/readers/staleness.ts'
import { admin, host, newKey } from '../../../support/secrets/secret-keys.ts'

const key = newKey('ssh-ed25519')
const [me, maia] = [admin('me', key), host('maia', key)]
const stale = { kind: 'stale', missing: [], extra: [], form: false } as const

test.each<[string, FileState]>([
  ['up to date', { kind: 'fresh' }],
  ['has no value yet', { kind: 'missing' }],
  ['unknown: it was changed', { kind: 'unknown', why: 'it was changed' }],
  ['damaged: has no whole header', { kind: 'damaged', why: 'has no whole header' }],
  ['admin me, host maia cannot read it', { ...stale, missing: [me, maia] }],
  ['host ocean, admin old can read it, but should not', { ...stale, extra: ['host ocean', 'admin old'] }],
  ['not in the form (armor or binary) that its rule sets', { ...stale, form: true }],
  [
    'host maia cannot read it; host ocean can read it, but should not; not in the form (armor or binary) that its rule sets',
    { kind: 'stale', missing: [maia], extra: ['host ocean'], form: true },
  ],
])('%s', (text, state) => {
  expect(describeState(state)).toBe(text)
})
