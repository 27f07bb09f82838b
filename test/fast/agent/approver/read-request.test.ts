import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { DerFault } from '../../../../src/agent/approver/request/read-der.ts'
import { readRequest } from '../../../../src/agent/approver/request/read-request.ts'
import { certificateRequest } from '../../../../src/agent/operational/certificate-request.ts'
import type { HostName } from '../../../../src/model/brands.ts'
import { der } from '../../../../src/model/keys/der.ts'
import {
  asPem,
  attribute,
  craftedDer,
  craftedPem,
  dns,
  extension,
  ip,
  OIDS,
  p256,
  rdn,
  tlv,
  utf8,
} from '../../../support/agent/crafted-request.ts'

const { CN, O, SUBJECT_ALT_NAME, EXTENSION_REQUEST } = OIDS
const nodes = rdn(O, utf8('system:nodes'))
const subject = (...rdns: readonly Uint8Array[]) => craftedPem({ subject: der.sequence(...rdns) })
const names = (...of: readonly Uint8Array[]) => craftedPem({ names: of })
const sanOf = (...of: readonly Uint8Array[]) => der.sequence(...of)
const extensionsOf = (...of: readonly Uint8Array[]) =>
  der.sequence(der.oid(EXTENSION_REQUEST), der.set(der.sequence(...of)))

it('reads what the agent requests', () => {
  const { request } = certificateRequest('maia' as HostName, ['10.0.0.2', 'fd00::2', 'maia.example'])
  expect(readRequest(request)).toEqual({
    commonName: 'system:node:maia',
    organizations: ['system:nodes'],
    dnsNames: ['maia', 'maia.example'],
    addresses: ['10.0.0.2', 'fd00::2'],
  })
})

it('reads the crafted request of these tests, also with a critical extension and CRLF', () => {
  const critical = extension(SUBJECT_ALT_NAME, sanOf(dns('maia')), der.true())
  expect(readRequest(craftedPem())).toMatchObject({ dnsNames: ['maia'], addresses: ['10.0.0.2'] })
  expect(readRequest(craftedPem({ extensions: [critical] }))).toMatchObject({ dnsNames: ['maia'] })
  expect(readRequest(craftedPem().replaceAll('\n', '\r\n'))).toMatchObject({ dnsNames: ['maia'] })
})

const own = craftedDer()
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const spkiOf = (key: typeof other.publicKey) => key.export({ format: 'der', type: 'spki' })
const san = extension(SUBJECT_ALT_NAME, sanOf(dns('maia')))

describe('attack 6: a hostile certificate request is refused:', () => {
  test.each<[string, string, RegExp]>([
    ['no PEM', own.toString('base64'), /no PEM/],
    ['PEM of something else', craftedPem().replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE'), /no PEM/],
    ['two blocks', craftedPem() + craftedPem(), /no PEM/],
    ['text before it', `hello\n${craftedPem()}`, /no PEM/],
    ['headers in it', craftedPem().replace('-----\n', '-----\nA: b\n\n'), /no PEM/],
    [
      'base64 that could be another',
      craftedPem().replace('\n-----END', '\nAA==\nAAAA\n-----END'),
      /base64 in an unusual form/,
    ],
    ['more than 16 kB', asPem(Buffer.alloc(13_000)), /more than 16384 bytes/],
    ['bytes after it', asPem(Buffer.concat([own, Buffer.of(0)])), /ends in its header/],
    ['its end cut off', asPem(own.subarray(0, -1)), /longer than what it is in/],
    ['a length with more bytes than needed', asPem(Buffer.of(0x30, 0x81, 0x01, 0x05)), /longer than needed/],
    ['a length without end', asPem(Buffer.of(0x30, 0x80, 0, 0)), /without end/],
    ['a signature of another key', craftedPem({ signer: other.privateKey }), /another key/],
    ['another version', craftedPem({ version: der.integer(Uint8Array.of(1)) }), /version/],
    ['a key on P-384', craftedPem({ spki: spkiOf(p384.publicKey), signer: p384.privateKey }), /P-256/],
    ['a key of RSA', craftedPem({ spki: spkiOf(rsa.publicKey) }), /P-256/],
    ['no key', craftedPem({ spki: der.sequence() }), /P-256/],
    ['no attribute', craftedPem({ attributes: [] }), /attribute/],
    ['a duplicate attribute', craftedPem({ attributes: [extensionsOf(san), extensionsOf(san)] }), /attribute/],
    [
      'an unknown attribute',
      craftedPem({ attributes: [der.sequence(der.oid('1.2.840.113549.1.9.7'), der.set(utf8('x')))] }),
      /attribute/,
    ],
    [
      'two lists of extensions',
      craftedPem({
        attributes: [der.sequence(der.oid(EXTENSION_REQUEST), der.set(der.sequence(san), der.sequence(san)))],
      }),
      /list of extensions/,
    ],
    ['a duplicate extension', craftedPem({ extensions: [san, san] }), /extension/],
    [
      'an unknown extension',
      craftedPem({ extensions: [extension('2.5.29.19', der.sequence(der.true()))] }),
      /extension/,
    ],
    ['no extension', craftedPem({ extensions: [] }), /extension/],
    [
      'an extension that is not critical, written out',
      craftedPem({ extensions: [extension(SUBJECT_ALT_NAME, sanOf(dns('maia')), tlv(1, Buffer.of(0)))] }),
      /unusual form/,
    ],
    ['a second CN', subject(nodes, rdn(CN, utf8('system:node:maia')), rdn(CN, utf8('root'))), /exactly one CN/],
    ['no CN', subject(nodes), /exactly one CN/],
    ['another attribute in the subject', subject(nodes, rdn('2.5.4.11', utf8('x'))), /more than O and CN/],
    [
      'two attributes at a time in the subject',
      subject(der.set(attribute(O, utf8('a')), attribute(CN, utf8('system:node:maia')))),
      /one attribute at a time/,
    ],
    ['a NUL in the CN', subject(nodes, rdn(CN, utf8('system:node:maia\0.evil'))), /characters/],
    ['a CN in BMPString', subject(nodes, rdn(CN, tlv(0x1e, Buffer.from('\0m\0a')))), /unusual form/],
    ['a CN in TeletexString', subject(nodes, rdn(CN, tlv(0x14, Buffer.from('maia')))), /unusual form/],
    ['a CN that looks like another', subject(nodes, rdn(CN, utf8('system:nоde:maia'))), /characters/],
    ['a NUL in a name', names(dns('maia\0.evil')), /DNS name/],
    ['a wildcard', names(dns('*.maia')), /DNS name/],
    ['an address as a DNS name', names(dns('10.0.0.2')), /DNS name/],
    ['an empty name', names(dns('')), /DNS name/],
    ['a name with a dot at its end', names(dns('maia.')), /DNS name/],
    ['a name with a byte above 127', names(dns(Uint8Array.of(0x6d, 0xe4))), /DNS name/],
    ['an address of 5 bytes', names(ip(10, 0, 0, 2, 0)), /IP address/],
    ['an address with a mask', names(ip(10, 0, 0, 2, 255, 255, 255, 0)), /IP address/],
    ['a mail address', names(tlv(0x81, Buffer.from('a@maia'))), /neither of DNS/],
    ['a URI', names(tlv(0x86, Buffer.from('spiffe://maia'))), /neither of DNS/],
    ['10,000 names', names(...Array.from({ length: 10_000 }, () => ip(1))), /more than/],
    ['101 names', names(...Array.from({ length: 101 }, () => dns('maia'))), /more than 100 names/],
    ['no names', craftedPem({ extensions: [extension(SUBJECT_ALT_NAME, Buffer.alloc(0))] }), /list of names/],
  ])('%s', (_what, pem, told) => {
    expect(() => readRequest(pem)).toThrow(DerFault)
    expect(() => readRequest(pem)).toThrow(told)
  })

  it('one byte changed: the signature no longer fits, or it is no DER (property)', () => {
    fc.assert(
      fc.property(fc.nat(own.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = Buffer.from(own)
        changed[at] = (changed[at] ?? 0) ^ change
        expect(() => readRequest(asPem(changed))).toThrow(DerFault)
      }),
      { numRuns: 500 },
    )
  })

  it('any bytes: it is never another error (property)', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(() => readRequest(asPem(bytes))).toThrow(DerFault)
      }),
    )
    // signed by its own key, so that each part is reached
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom('subject', 'names', 'attributes'),
        (bytes, part) => {
          const raw = part === 'subject' ? { subject: tlv(0x30, bytes) } : { [part]: [bytes] }
          try {
            readRequest(craftedPem(raw))
          } catch (error) {
            expect(error).toBeInstanceOf(DerFault)
          }
        },
      ),
    )
  })
})

it('two signatures by one key are both taken: nothing depends on their bytes', () => {
  expect(readRequest(asPem(craftedDer({ signer: p256.privateKey })))).toEqual(readRequest(craftedPem()))
})
