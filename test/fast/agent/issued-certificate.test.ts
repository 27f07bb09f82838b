import { expect, test } from 'vitest'
import { faultOf } from '../../../src/agent/operational/issued-certificate.ts'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'

const now = Date.UTC(2026, 10, 29)
const requested = { node: 'maia', names: [], longest: 604_800 }

test('a certificate for somebody else, and one of another key, are not those that were requested', () => {
  const one = makeServerCa(now)
  expect(faultOf(one, requested, now)).toBe('of another subject')
  expect(faultOf({ ...one, key: makeServerCa(now).key }, requested, now)).toBe('of another key')
})
