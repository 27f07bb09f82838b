import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../../src/model/digest.ts'
import { der } from '../../../../src/secrets/pki/der.ts'
import { caHash, makeServerCa, verifyCa } from '../../../../src/secrets/pki/server-ca.ts'

const now = Date.UTC(2026, 10, 21, 12)

describe('the server CA', () => {
  const ca = makeServerCa(now)
  const certificate = new X509Certificate(ca.certificate)

  test('is one self-signed P-256 certificate named as k3s names its own', () => {
    expect(ca.certificate).toMatch(/^-----BEGIN CERTIFICATE-----\n[^-]+\n-----END CERTIFICATE-----\n$/)
    expect(certificate.subject).toBe(`CN=k3s-server-ca@${now / 1000}`)
    expect(certificate.ca).toBe(true)
    expect(certificate.checkIssued(certificate)).toBe(true)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  })

  test('is valid from a day before it was made, for ten years', () => {
    expect(certificate.validFromDate.toISOString()).toBe('2026-11-20T12:00:00.000Z')
    expect(certificate.validToDate.toISOString()).toBe('2036-11-18T12:00:00.000Z')
  })

  test('is still valid for ten years when made after 2040: years beyond 2049 have another form', () => {
    const late = new X509Certificate(makeServerCa(Date.UTC(2045, 0, 2)).certificate)
    expect(late.validToDate.getUTCFullYear()).toBe(2054)
  })

  test('has a SEC1 key, and is refused with another', () => {
    expect(ca.key).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/)
    expect(() => verifyCa(ca)).not.toThrow()
    expect(() => verifyCa({ ...ca, key: makeServerCa(now).key })).toThrow(/another key/)
    expect(() => verifyCa({ ...ca, key: 'no key' })).toThrow(/not a private key/)
    expect(() => verifyCa({ ...ca, certificate: 'nothing' })).toThrow(/no certificate/)
  })

  test('is named by the hash of its file, every byte of it; a chain by its root', () => {
    expect(caHash(Buffer.from(ca.certificate))).toBe(sha256(ca.certificate))
    expect(caHash(Buffer.from(`${ca.certificate}\n`))).not.toBe(sha256(ca.certificate))
    const leaf = makeServerCa(now)
    expect(caHash(Buffer.from(ca.certificate + leaf.certificate))).toBe(sha256(certificate.raw))
    expect(() => caHash(Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'))).toThrow(/damaged/)
  })
})

test.each([
  [127, '047f'],
  [128, '048180'],
  [255, '0481ff'],
  [256, '04820100'],
  [65535, '0482ffff'],
])('a DER value of %i bytes has the shortest length', (size, head) => {
  expect(
    Buffer.from(der.octets(Buffer.alloc(size)))
      .toString('hex')
      .slice(0, head.length),
  ).toBe(head)
})
