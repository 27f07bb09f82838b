import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2'
import type { HostKeyType } from '../keys/host-key.ts'

/** A host with keys of several types shows the one that keel asks for. An RSA key never signs with SHA-1 (RFC 8332). */
const hostKeys: Readonly<Record<HostKeyType, ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/**
 * The other algorithms that keel offers: ssh2's own list without SHA-1, and without compression, with which a host
 * could fill our memory with little data. Servers from OpenSSH 8 to 10 have at least one of each kind. None is
 * post-quantum, because ssh2 has none.
 */
const offered = {
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group18-sha512',
    'diffie-hellman-group14-sha256',
  ],
  hmac: ['hmac-sha2-256-etm@openssh.com', 'hmac-sha2-512-etm@openssh.com', 'hmac-sha2-256', 'hmac-sha2-512'],
  compress: ['none'],
} as const

/** The algorithms to offer, so that a host can prove itself with a key of this type only. */
export function algorithmsFor(type: HostKeyType): Algorithms {
  return {
    kex: [...offered.kex],
    hmac: [...offered.hmac],
    compress: [...offered.compress],
    serverHostKey: [...hostKeys[type]],
  }
}
