import { expect, test } from 'vitest'
import { credentialOf } from '../../../src/agent/identity/credential.ts'
import { makeServerCa } from '../../../src/secrets/pki/server-ca.ts'

const DAY = 24 * 60 * 60 * 1000
const now = Date.UTC(2026, 10, 29)
const { certificate, key } = makeServerCa(now)
const other = makeServerCa(now)

test('a certificate with its key can be served', () => {
  expect(credentialOf(certificate, key, now)).toMatchObject({ chain: certificate, key })
})

test.each<[string, string | undefined, string | undefined, number, string]>([
  ['no certificate', undefined, key, now, 'missing'],
  ['no key', certificate, undefined, now, 'missing'],
  ['an empty file', '', key, now, 'damaged'],
  ['half a certificate', certificate.slice(0, 200), key, now, 'damaged'],
  ['half a key', certificate, key.slice(0, 80), now, 'damaged'],
  ['a certificate instead of the key', certificate, certificate, now, 'damaged'],
  ['the key of another one', certificate, other.key, now, 'of another key'],
  // the certificate of the sample begins a day early, and lasts 3650 days
  ['a clock that is far behind', certificate, key, now - 2 * DAY, 'not valid yet'],
  ['a certificate that is over', certificate, key, now + 3650 * DAY, 'expired'],
])('%s: %s', (_what, chain, pem, at, expected) => {
  expect(credentialOf(chain, pem, at)).toBe(expected)
})

test('its last millisecond counts', () => {
  expect(credentialOf(certificate, key, now + 3650 * DAY - 1)).toMatchObject({ key })
})
