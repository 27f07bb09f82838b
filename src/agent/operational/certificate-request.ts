import { generateKeyPairSync, sign } from 'node:crypto'
import { isIP } from 'node:net'
import type { HostName } from '../../model/brands.ts'
import { der } from '../../model/keys/der.ts'

/** A new key, and the request for its certificate. */
export interface CertificateRequest {
  /** PKCS #8 in PEM. Secret. */
  readonly key: string
  /** PKCS #10 (RFC 2986) in PEM. */
  readonly request: string
}

const ECDSA_WITH_SHA256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SUBJECT_ALT_NAME = '2.5.29.17'

/**
 * A request as the signer of kubelets' serving certificates wants it: O=system:nodes, CN=system:node:NAME, and the names
 * by which clients reach the node.
 * @param names DNS names and IP addresses
 */
export function certificateRequest(node: HostName, names: readonly string[]): CertificateRequest {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const subject = der.sequence(attribute('2.5.4.10', 'system:nodes'), attribute('2.5.4.3', `system:node:${node}`))
  const altNames = der.sequence(...[...new Set([node, ...names])].map(generalName))
  const extensions = der.sequence(der.sequence(der.oid(SUBJECT_ALT_NAME), der.octets(altNames)))
  const unsigned = der.sequence(
    der.integer(Uint8Array.of(0)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    der.tagged(0, der.sequence(der.oid(EXTENSION_REQUEST), der.set(extensions))),
  )
  const signature = sign('sha256', unsigned, { key: privateKey, dsaEncoding: 'der' })
  const request = Buffer.from(der.sequence(unsigned, ECDSA_WITH_SHA256, der.bits(signature)))
  return { key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), request: pemOf(request) }
}

function attribute(oid: string, value: string): Uint8Array {
  return der.set(der.sequence(der.oid(oid), der.utf8(value)))
}

/** RFC 5280 section 4.2.1.6: dNSName is [2], iPAddress [7] with the address's own bytes. */
function generalName(name: string): Uint8Array {
  return isIP(name) === 0 ? der.implicit(2, Buffer.from(name)) : der.implicit(7, addressBytes(name))
}

function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number))
  // the canonical form of a URL has no IPv4 part, and one `::` at most
  const [before = '', after] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  const [left, right] = [groups(before), groups(after ?? '')]
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0)
  return Uint8Array.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]))
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`
}
