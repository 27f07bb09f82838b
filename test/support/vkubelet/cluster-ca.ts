import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { NameAttribute } from '../../../src/model/keys/signed-der.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'

interface Wanted {
  readonly subject: readonly NameAttribute[]
  readonly purpose: 'server' | 'client'
  readonly names?: readonly string[]
  /** Milliseconds from now. */
  readonly from?: number
  readonly to?: number
}

/** A CA as a cluster has several, and what it signs. */
export class ClusterCa {
  readonly #ca = makeAgentCa(Date.now())

  get certificate(): string {
    return this.#ca.certificate
  }

  /** A certificate with its key, both in PEM. */
  issue(wanted: Wanted) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const key = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
    return { chain: this.sign(publicKey, wanted), key }
  }

  /** A certificate for the key of a request. */
  sign(
    publicKey: KeyObject,
    { subject, purpose, names = ['127.0.0.1'], from = -60_000, to = 3_600_000 }: Wanted,
  ): string {
    const now = Date.now()
    return issueCertificate(this.#ca, { publicKey, subject, purpose, names, from: now + from, to: now + to })
  }

  /** Of whom the API server is to its kubelets, on k3s. */
  apiServer() {
    return this.issue({
      subject: [
        ['O', 'system:masters'],
        ['CN', 'system:apiserver'],
      ],
      purpose: 'client',
    })
  }

  node(name: string) {
    return this.issue({
      subject: [
        ['O', 'system:nodes'],
        ['CN', `system:node:${name}`],
      ],
      purpose: 'client',
    })
  }
}
