import { X509Certificate } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { sha256 } from '../../../../src/model/digest.ts'
import { der } from '../../../../src/model/keys/der.ts'
import { caHash, isVouchedFor, makeServerCa, verifyCa } from '../../../../src/secrets/pki/server-ca.ts'

const now = Date.UTC(2026, 10, 21, 12)

const pem = (...lines: readonly string[]) =>
  `-----BEGIN CERTIFICATE-----\n${lines.join('')}\n-----END CERTIFICATE-----\n`
/** By `openssl x509 -req`: a CA, and what it signed with `basicConstraints=CA:FALSE`. */
const root = pem(
  'MIIBdTCCARugAwIBAgIUNPCIeG3UnNIFHRa11oIQ5AWKtsIwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjkwNjI5MTlaGA',
  '8yMTI2MTEwNTA2MjkxOVowDzENMAsGA1UEAwwEcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAd2h63AexUJ/7RoXhBLL6BtAWVos3O/',
  '6pPxNtCUqrVYH4XkTYVjUAcoOMdGrV7jHWFSfbu7/4JOkuuGOv0O0TqjUzBRMB0GA1UdDgQWBBT2Pk3mrVAXS13OTwi9gKYlN+qtjzAfBgNVHS',
  'MEGDAWgBT2Pk3mrVAXS13OTwi9gKYlN+qtjzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCGjADLqMjcOTN9IXNTLqeqxJ5z',
  'uDWxpT81SP5yjePWYgIgVLcRGPu2JC6GEF1G6QyBEuC2jBckrQIRRee3RLM4bt4=',
)
const leaf = pem(
  'MIIBbzCCARWgAwIBAgIUGfJN1LxSHaAw8YYnU4GZhwUJvg8wCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjkwNjI5MTlaGA',
  '8yMTI2MTEwNTA2MjkxOVowDzENMAsGA1UEAwwEbGVhZjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHntM7kHy7Rq7axC9FvINvFKW0l1qJkU',
  'DMCj65ohLxaT0z38DY3nDFnLZyJ2+kre7J5YD3TCwaDe8AJlsjefR6+jTTBLMAkGA1UdEwQCMAAwHQYDVR0OBBYEFEWEhN3k48l5TkRiHJAZYD',
  '6frC08MB8GA1UdIwQYMBaAFPY+TeatUBdLXc5PCL2ApiU36q2PMAoGCCqGSM49BAMCA0gAMEUCIQC/B4Cc+L/sAUCMWjhZ57ancdsjh0Ce5SWz',
  'Ve5sJ9/bEAIgO0D4nMQegDJokRMKOqWIhZ6Dm5fDBnOBtX2EQi/OJNE=',
)

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
    expect(() => caHash(Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'))).toThrow(
      /damaged/,
    )
  })
})

describe('of certificates that another program made', () => {
  test.each([
    ['a chain that ends with its root', leaf + root],
    ['a chain that starts with its root', root + leaf],
  ])('%s is named by its root', (_what, chain) => {
    expect(caHash(Buffer.from(chain))).toBe(sha256(new X509Certificate(root).raw))
  })

  const evil = makeServerCa(now).certificate
  test.each([
    ['the same chain', root + leaf, root + leaf, true],
    ['the root alone', root, root + leaf, true],
    ['an intermediate that the root has signed', leaf + root, root, true],
    ['another root beside the known one', root + leaf + evil, root + leaf, false],
    ['another root before it', evil + root, root, false],
    ['a certificate twice', root + root, root, true],
    ['nothing known', evil, root, false],
  ])('attack 1: a kubeconfig trusts no CA that the known ones have not signed: %s', (_what, given, known, vouched) => {
    expect(isVouchedFor(Buffer.from(given), Buffer.from(known))).toBe(vouched)
  })

  test.each([
    ['no chain without a root', () => caHash(Buffer.from(leaf + leaf)), 'no self-signed certificate'],
    ['none that signs no others', () => verifyCa({ certificate: leaf, key: '' }), 'a certificate that is not a CA'],
    [
      'none of another key',
      () => verifyCa({ certificate: root, key: makeServerCa(now).key }),
      'a certificate of another key',
    ],
  ])('%s is the CA of a cluster', (_what, read, found) => {
    expect(read).toThrow(expect.objectContaining({ code: 'server-ca', exit: 2, at: 'secrets/server-ca.crt', found }))
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
