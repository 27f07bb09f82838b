import { timingSafeEqual } from 'node:crypto'
import type { SshPublicKey } from '../../model/brands.ts'

export type HostKeyType = 'ssh-ed25519' | 'ssh-rsa'

/** The types that an inventory may contain, the preferred one first. */
export const hostKeyTypes: readonly HostKeyType[] = ['ssh-ed25519', 'ssh-rsa']

export function typeOf(key: SshPublicKey): HostKeyType {
  return key.startsWith('ssh-rsa ') ? 'ssh-rsa' : 'ssh-ed25519'
}

/** The key in the form of the SSH protocol (RFC 4253 section 6.6). */
export function blobOf(key: SshPublicKey): Buffer {
  return Buffer.from(key.slice(key.indexOf(' ') + 1), 'base64')
}

/**
 * `type base64` for a key in the form of the SSH protocol, which begins with its own type. The cast is safe, because
 * ssh2 has checked the blob against that type.
 */
export function publicLine(blob: Buffer): SshPublicKey {
  return `${blob.toString('utf8', 4, 4 + blob.readUInt32BE(0))} ${blob.toString('base64')}` as SshPublicKey
}

export function isSameKey(blob: Uint8Array, pinned: SshPublicKey): boolean {
  const wanted = blobOf(pinned)
  return blob.length === wanted.length && timingSafeEqual(blob, wanted)
}
