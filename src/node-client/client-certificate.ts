import { generateKeyPairSync } from 'node:crypto'
import type { Role } from '../agent/server/role.ts'
import { issueCertificate } from '../secrets/pki/issue-certificate.ts'
import type { Ca } from '../secrets/pki/self-signed-ca.ts'

/** With what a client shows who it is. */
export interface ClientCertificate {
  /** PEM. */
  readonly certificate: string
  /** PKCS #8 in PEM. Secret. */
  readonly key: string
  readonly ends: Date
}

interface Wanted {
  /** Shown in the journal of the agent. */
  readonly name: string
  readonly role: Role
  /** Milliseconds. */
  readonly lasts: number
}

const GROUPS: Readonly<Record<Role, string>> = { viewer: 'keel:viewers', operator: 'keel:operators' }
/** Milliseconds that the clock of a host may be behind. */
const SLACK = 5 * 60_000

/**
 * A new certificate of a client, with its key, in memory.
 * @param now in milliseconds
 * @throws KeelError `agent-ca` (exit 2)
 */
export function clientCertificate(ca: Ca, { name, role, lasts }: Wanted, now: number): ClientCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const certificate = issueCertificate(ca, {
    publicKey,
    subject: [
      ['O', GROUPS[role]],
      ['CN', name],
    ],
    purpose: 'client',
    from: now - SLACK,
    to: now + lasts,
  })
  return {
    certificate,
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    ends: new Date(now + lasts),
  }
}
