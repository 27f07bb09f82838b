import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { der } from '../../model/keys/der.ts'
import { extension, subjectAltName } from '../../model/keys/extension.ts'
import { ECDSA_WITH_SHA256, type NameAttribute, nameOf, signedDer } from '../../model/keys/signed-der.ts'
import { badAgentCa, verifyAgentCa } from './agent-ca.ts'
import { basicConstraints, keyUsage } from './extensions.ts'
import { identifierOf, subjectKeyIdentifier } from './key-identifier.ts'
import { type Ca, serialNumber, version3 } from './self-signed-ca.ts'

interface Wanted {
  readonly publicKey: KeyObject
  readonly subject: readonly NameAttribute[]
  /** What its owner may be in TLS: nothing else. */
  readonly purpose: 'server' | 'client'
  /** DNS names and IP addresses. */
  readonly names?: readonly string[]
  /** In milliseconds. It ends with its CA at the latest. */
  readonly from: number
  readonly to: number
}

/** RFC 5280 section 4.2.1.12. */
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const

/**
 * A certificate of the keel-agents' CA, in PEM.
 * @throws KeelError `agent-ca` (exit 2) for a CA that keel has not made
 */
export function issueCertificate(ca: Ca, wanted: Wanted): string {
  verifyAgentCa(ca)
  const issuer = new X509Certificate(ca.certificate)
  const unsigned = toBeSigned(issuer, wanted)
  const certificate = new X509Certificate(signedDer(unsigned, createPrivateKey(ca.key)))
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey))
    throw badAgentCa('a CA that keel has not created')
  return certificate.toString()
}

function toBeSigned(issuer: X509Certificate, { publicKey, subject, purpose, names, from, to }: Wanted): Uint8Array {
  const end = Math.min(to, issuer.validToDate.getTime())
  return der.sequence(
    version3,
    serialNumber(),
    ECDSA_WITH_SHA256,
    // its only attribute: issueCertificate proves it
    nameOf(['CN', issuer.subject.replace(/^CN=/, '')]),
    der.sequence(der.time(from), der.time(end)),
    nameOf(...subject),
    publicKey.export({ format: 'der', type: 'spki' }),
    der.tagged(
      3,
      der.sequence(
        basicConstraints({ isCa: false }),
        keyUsage(['digitalSignature']),
        extension('2.5.29.37', der.sequence(der.oid(PURPOSES[purpose]))),
        ...(names === undefined ? [] : [subjectAltName(names)]),
        subjectKeyIdentifier(publicKey),
        // RFC 5280 section 4.2.1.1: keyIdentifier is [0]
        extension('2.5.29.35', der.sequence(der.implicit(0, identifierOf(issuer.publicKey)))),
      ),
    ),
  )
}
