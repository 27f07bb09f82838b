import type { KeyObject } from 'node:crypto'

/** What keel signs on this machine, with the key of the keel-agents' CA. */
export interface Certifier {
  /**
   * Finds out whether it can sign, before anything is written anywhere.
   * @param ca its certificate in PEM
   * @throws KeelError for a key that can't be decrypted, or that is not this CA's
   */
  prove(ca: string): Promise<void>
  /** @returns the certificate in PEM, for a key that somebody has proven to have */
  sign(wanted: FirstWanted): Promise<string>
}

interface FirstWanted {
  readonly ca: string
  readonly publicKey: KeyObject
  readonly node: string
  /** DNS names and IP addresses. */
  readonly names: readonly string[]
}
