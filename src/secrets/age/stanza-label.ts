import type { Recipient, SshPublicKey } from '../../model/brands.ts'
import { isAgeRecipient, isPostQuantum } from '../../model/keys/recipient.ts'
import { sshKeyParts } from '../../model/keys/ssh-key.ts'
import { sshTag } from './stanza.ts'

/**
 * What everybody can see of a recipient's stanzas: `ssh-ed25519 s2nTXg`. Undefined for age1 recipients, whose stanzas
 * do not name them.
 */
export function stanzaLabel(recipient: Recipient): string | undefined {
  if (!isSsh(recipient)) return undefined
  const known = labels.get(recipient)
  if (known !== undefined) return known
  const { kind, wire } = sshKeyParts(recipient)
  const label = `${kind} ${sshTag(wire)}`
  labels.set(recipient, label)
  return label
}

/** Remembered, because every file is compared with the same few keys. */
const labels = new Map<SshPublicKey, string>()

export function isSsh(recipient: Recipient): recipient is SshPublicKey {
  return !isAgeRecipient(recipient)
}

/** The type of the stanzas that `age1…` recipients get. */
export function unnamedType(recipient: string): UnnamedType {
  return isPostQuantum(recipient) ? 'mlkem768x25519' : 'X25519'
}

/** Stanzas that do not show their recipient: keel must try which key fits. */
const UNNAMED_TYPES = ['X25519', 'mlkem768x25519'] as const
export type UnnamedType = (typeof UNNAMED_TYPES)[number]

export function isUnnamed(type: string): type is UnnamedType {
  return UNNAMED_TYPES.some((known) => known === type)
}
