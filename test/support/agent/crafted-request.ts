import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { der } from '../../../src/model/keys/der.ts'
import { signedDer } from '../../../src/model/keys/signed-der.ts'

const CN = '2.5.4.3'
const O = '2.5.4.10'
const SUBJECT_ALT_NAME = '2.5.29.17'
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

export const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A value of DER with any tag: what keel's own writer has no need of. */
export function tlv(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const contents = Buffer.concat(parts)
  const { length } = contents
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, (length >> 8) & 0xff, length & 0xff]
  return Buffer.concat([Uint8Array.of(tag, ...size), contents])
}

export const utf8 = (text: string): Uint8Array => tlv(0x0c, Buffer.from(text))
export const attribute = (oid: string, value: Uint8Array): Uint8Array => der.sequence(der.oid(oid), value)
export const rdn = (oid: string, value: Uint8Array): Uint8Array => der.set(attribute(oid, value))
export const dns = (name: string | Uint8Array): Uint8Array => tlv(0x82, Buffer.from(name))
export const ip = (...bytes: readonly number[]): Uint8Array => tlv(0x87, Uint8Array.from(bytes))
export const extension = (oid: string, value: Uint8Array, ...between: readonly Uint8Array[]): Uint8Array =>
  der.sequence(der.oid(oid), ...between, der.octets(value))

interface Pieces {
  readonly version?: Uint8Array
  readonly subject?: Uint8Array
  readonly spki?: Uint8Array
  readonly names?: readonly Uint8Array[]
  readonly extensions?: readonly Uint8Array[]
  readonly attributes?: readonly Uint8Array[]
  readonly signer?: KeyObject
}

export const OIDS = { CN, O, SUBJECT_ALT_NAME, EXTENSION_REQUEST } as const

/** The request that the agent of maia makes, with some of its pieces replaced. DER. */
export function craftedDer({
  version = der.integer(Uint8Array.of(0)),
  subject = der.sequence(rdn(O, utf8('system:nodes')), rdn(CN, utf8('system:node:maia'))),
  spki = p256.publicKey.export({ format: 'der', type: 'spki' }),
  names = [dns('maia'), ip(10, 0, 0, 2)],
  extensions = [extension(SUBJECT_ALT_NAME, der.sequence(...names))],
  attributes = [der.sequence(der.oid(EXTENSION_REQUEST), der.set(der.sequence(...extensions)))],
  signer = p256.privateKey,
}: Pieces = {}): Buffer {
  return signedDer(der.sequence(version, subject, spki, tlv(0xa0, ...attributes)), signer)
}

export function asPem(bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`
}

export function craftedPem(pieces: Pieces = {}): string {
  return asPem(craftedDer(pieces))
}
