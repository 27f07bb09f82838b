import { CERTIFICATES, type CertificateName, type Identity } from '../identity/kept-identity.ts'

/** The agent's certificates, as `/v1/certificates` tells them. */
export interface CertificatesReport {
  /** The one that it serves with. */
  readonly serving?: CertificateName
  readonly certificates: readonly CertificateReport[]
}

interface CertificateReport {
  readonly name: CertificateName
  /** `usable`, or why it is not. */
  readonly state: string
  /** RFC 3339, UTC; of one that is usable. */
  readonly ends?: string
  readonly subject?: string
}

export function certificates({ serving, states }: Identity): CertificatesReport {
  return {
    ...(serving === undefined ? {} : { serving: serving.name }),
    certificates: CERTIFICATES.map((name) => {
      const state = states[name]
      if (typeof state === 'string') return { name, state }
      const { validToDate, subject } = state.certificate
      return { name, state: 'usable', ends: validToDate.toISOString(), subject }
    }),
  }
}
