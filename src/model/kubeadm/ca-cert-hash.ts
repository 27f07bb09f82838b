import { X509Certificate } from 'node:crypto'
import type { Sha256 } from '../brands.ts'
import { sha256 } from '../digest.ts'

/**
 * The hash by which a kubeadm join knows the CA: SHA-256 of the public key (SPKI) in DER (kubeadm.k8s.io/v1beta4,
 * `caCertHashes`, without the `sha256:` before it).
 * @param pem one certificate
 */
export function caKeyHash(pem: string): Sha256 {
  return sha256(new X509Certificate(pem).publicKey.export({ format: 'der', type: 'spki' }))
}

/** The form of `caCertHashes`. */
export function caCertHash(pem: string): string {
  return `sha256:${caKeyHash(pem)}`
}
