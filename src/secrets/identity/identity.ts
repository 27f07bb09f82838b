import type { Identity } from 'age-encryption'
import type { Recipient } from '../../model/brands.ts'
import type { HiddenInput } from '../../terminal/hidden-input.ts'

/** A private key that may decrypt files. It holds its key in closures only: printing it shows nothing. */
export interface AgeIdentity extends Identity {
  /** Where it comes from: `~/.ssh/id_ed25519`, `keys.txt:3`. */
  readonly source: string
  /** Undefined when even that is behind a passphrase, or the file can't be used. */
  readonly publicKey: Recipient | undefined
}

/** A file of private keys, and who may know its passphrase. */
export interface IdentitySource {
  /** What messages call it. */
  readonly source: string
  readonly path: string
  readonly input: HiddenInput
}
