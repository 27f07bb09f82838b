import type { Identity } from 'age-encryption'
import type { Recipient } from '../../model/brands.ts'

/** A private key that may decrypt files. It holds its key in closures only: printing it shows nothing. */
export interface AgeIdentity extends Identity {
  /** Where it comes from: `~/.ssh/id_ed25519`, `keys.txt:3`. */
  readonly source: string
  /** Undefined when even that is behind a passphrase, or the file can't be used. */
  readonly publicKey: Recipient | undefined
}
