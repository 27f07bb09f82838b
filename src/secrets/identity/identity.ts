import type { Identity } from 'age-encryption'
import type { Recipient } from '../../model/brands.ts'
import type { HiddenInput } from '../../terminal/hidden-input.ts'

/** A private key that may decrypt files. The key is only in closures, so printing this value does not show it. */
export interface AgeIdentity extends Identity {
  /** Where it comes from: `~/.ssh/id_ed25519`, `keys.txt:3`. */
  readonly source: string
  /** Undefined if even the public key needs the passphrase, or if the file can't be used. */
  readonly publicKey: Recipient | undefined
}

/** A file of private keys, and who may know its passphrase. */
export interface IdentitySource {
  /** Its name in messages. */
  readonly source: string
  readonly path: string
  readonly input: HiddenInput
}
