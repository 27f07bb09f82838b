import { generateKeyPairSync } from 'node:crypto'
import type { HostName } from '../../model/brands.ts'
import { der } from '../../model/keys/der.ts'
import { EXTENSION_REQUEST, subjectAltName } from '../../model/keys/extension.ts'
import { nameOf, signedDer } from '../../model/keys/signed-der.ts'

/** A new key, and the request for its certificate. */
export interface CertificateRequest {
  /** PKCS #8 in PEM. Secret. */
  readonly key: string
  /** PKCS #10 (RFC 2986) in PEM. */
  readonly request: string
  /** The same, as k3s takes it. */
  readonly der: Buffer
}

/**
 * A request as the signers of Nodes' certificates want it: O=system:nodes, CN=system:node:NAME; to serve with it, also the
 * names by which clients reach the node.
 * @param names DNS names and IP addresses besides the node's own; absent: to be a client, which has none
 */
export function certificateRequest(node: HostName, names?: readonly string[]): CertificateRequest {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const attributes =
    names === undefined
      ? Buffer.alloc(0)
      : der.sequence(der.oid(EXTENSION_REQUEST), der.set(der.sequence(subjectAltName([node, ...names]))))
  const unsigned = der.sequence(
    der.integer(Uint8Array.of(0)),
    nameOf(['O', 'system:nodes'], ['CN', `system:node:${node}`]),
    publicKey.export({ format: 'der', type: 'spki' }),
    der.tagged(0, attributes),
  )
  const signed = signedDer(unsigned, privateKey)
  return {
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    request: pemOf(signed),
    der: signed,
  }
}

function pemOf(bytes: Buffer): string {
  const lines = bytes.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines}\n-----END CERTIFICATE REQUEST-----\n`
}
