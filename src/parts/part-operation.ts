/** What keel does for a part besides its files. */
export type PartOperation =
  | { readonly op: 'enable-unit'; readonly unit: string }
  | { readonly op: 'load-firewall'; readonly unit: string; readonly why: 'new' | 'changed' | 'gone' | 'differs' }
  /** A unit beside k3s's: one of the two that move the cluster's address, or the keel-agent's. */
  | { readonly op: 'run-unit'; readonly unit: string; readonly by: 'start' | 'reload' | 'restart' }

/** keel signs a certificate whose key the host makes, and puts both in place before the unit starts. */
export interface CertifyOperation {
  readonly op: 'certify'
  readonly unit: string
  readonly why: CertifyReason
}

export type CertifyReason =
  | 'missing'
  /** Others than root may read the key. */
  | 'mode'
  | 'damaged'
  /** The key is not that of the certificate. */
  | 'other-key'
  | 'other-ca'
  /** The addresses of the host have changed. */
  | 'other-names'
  /** Less than a third of its time is left. */
  | 'ends-soon'
