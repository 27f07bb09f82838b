import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Identity } from 'age-encryption'
import { ExitCode, KeelError } from '../../errors.ts'
import type { SshPublicKey } from '../../model/brands.ts'
import { parseSshPublicKey } from '../../model/ssh-key.ts'
import { sshEd25519Identity } from '../age/ssh-ed25519.ts'
import { sshRsaIdentity } from '../age/ssh-rsa.ts'
import { sshTag } from '../age/stanza.ts'
import type { AgeIdentity } from './identity.ts'
import { readOpenSshContainer } from './openssh-container.ts'

/**
 * An SSH private key, ed25519 or RSA, in OpenSSH's format or as PKCS#1 or PKCS#8 PEM.
 * @throws KeelError `identity` (exit 2); `identity-passphrase` (exit 2) at once for an encrypted PEM, and for an encrypted OpenSSH key only when
 * a file is encrypted to it: its public half is in clear.
 */
export async function parseSshPrivateKey(text: string, source: string): Promise<AgeIdentity> {
  if (/^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED /m.test(text)) throw needsPassphrase(source)
  if (!text.includes('OPENSSH PRIVATE KEY')) {
    const key = readPem(text)
    if (key === undefined) throw unreadable(source)
    return identityOf(key, source)
  }
  const container = readOpenSshContainer(text)
  if (container === undefined) throw unreadable(source)
  const publicKey = publicKeyOf(container.publicWire, source)
  if (container.cipher !== 'none') return { source, publicKey, ...lockedIdentity(container.publicWire, source) }
  const identity = identityOf(await readOpenSsh(text, source), source)
  if (identity.publicKey !== publicKey) throw unreadable(source, 'its public and private halves do not belong together')
  return identity
}

function identityOf(key: KeyObject, source: string): AgeIdentity {
  const wire = publicWire(key)
  if (wire === undefined) throw unreadable(source, 'age decrypts with ed25519 and RSA keys only')
  const identity = key.asymmetricKeyType === 'rsa' ? sshRsaIdentity(wire, key) : sshEd25519Identity(wire, jwkField(key, 'd'))
  return { source, publicKey: publicKeyOf(wire, source), ...identity }
}

/** Knows its stanzas and can't open them: the place where a passphrase will be asked for. */
function lockedIdentity(wire: Uint8Array, source: string): Identity {
  const tag = sshTag(wire)
  return {
    unwrapFileKey(stanzas) {
      if (stanzas.some(({ args }) => args[0]?.startsWith('ssh-') && args[1] === tag)) throw needsPassphrase(source)
      return null
    },
  }
}

async function readOpenSsh(text: string, source: string): Promise<KeyObject> {
  // 34 ms to import, for those who decrypt only
  const { default: ssh2 } = await import('ssh2')
  const parsed = ssh2.utils.parseKey(text)
  const key = parsed instanceof Error ? undefined : readPem(parsed.getPrivatePEM())
  if (key === undefined) throw unreadable(source)
  return key
}

function readPem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

/** RFC 4253 section 6.6 and RFC 8709 section 4; undefined for another kind of key. */
function publicWire(key: KeyObject): Buffer | undefined {
  if (key.asymmetricKeyType === 'ed25519') return Buffer.concat([field('ssh-ed25519'), field(jwkField(key, 'x'))])
  if (key.asymmetricKeyType === 'rsa')
    return Buffer.concat([field('ssh-rsa'), field(mpint(jwkField(key, 'e'))), field(mpint(jwkField(key, 'n')))])
  return undefined
}

function jwkField(key: KeyObject, name: 'd' | 'x' | 'e' | 'n'): Buffer {
  const jwk = (name === 'd' ? key : createPublicKey(key)).export({ format: 'jwk' })
  return Buffer.from(jwk[name] ?? '', 'base64url')
}

function field(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

function mpint(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), bytes]) : bytes
}

function publicKeyOf(wire: Buffer, source: string): SshPublicKey {
  const length = wire.length < 4 ? 0 : wire.readUInt32BE(0)
  try {
    const key = parseSshPublicKey(`${wire.subarray(4, 4 + length).toString('latin1')} ${wire.toString('base64')}`)
    return key
  } catch (error) {
    throw unreadable(source, error instanceof KeelError ? `${error.found}: ${error.why ?? 'damaged'}` : undefined)
  }
}

function unreadable(at: string, why = 'it is damaged, or in a format that OpenSSH does not write'): KeelError {
  return new KeelError({
    code: 'identity',
    at,
    found: 'no SSH private key that can decrypt',
    why,
    todo: 'name an ed25519 or RSA private key with --identity',
    exit: ExitCode.Usage,
  })
}

function needsPassphrase(at: string): KeelError {
  return new KeelError({
    code: 'identity-passphrase',
    at,
    found: 'this private key is encrypted, and needs its passphrase',
    why: 'keel does not ask for passphrases yet',
    todo: 'name another key that may read the secret with --identity, or a copy without passphrase in a memory file system (ssh-keygen -p)',
    exit: ExitCode.Usage,
  })
}
