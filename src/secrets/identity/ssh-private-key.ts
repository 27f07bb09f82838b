import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Identity } from 'age-encryption'
import type { ParsedKey } from 'ssh2'
import { ExitCode, KeelError } from '../../errors.ts'
import type { SshPublicKey } from '../../model/brands.ts'
import {
  clearEd25519Seed,
  MOST_ROUNDS,
  type OpenSshContainer,
  readOpenSshContainer,
} from '../../model/keys/openssh-container.ts'
import { sshBlob } from '../../model/keys/ssh-fields.ts'
import { parseSshPublicKey } from '../../model/keys/ssh-key.ts'
import { openWithPassphrase } from '../../terminal/passphrase.ts'
import { sshEd25519Identity } from '../age/ssh-ed25519.ts'
import { sshRsaIdentity } from '../age/ssh-rsa.ts'
import { type Stanza, sshTag } from '../age/stanza.ts'
import type { AgeIdentity, IdentitySource } from './identity.ts'

/** The ciphers that ssh2 decrypts. `ssh-keygen` uses aes256-ctr by default. */
const CIPHERS = /^aes(128|192|256)-(ctr|cbc|gcm@openssh\.com)$/

/**
 * An SSH private key, ed25519 or RSA, in OpenSSH's format or as PKCS#1 or PKCS#8 PEM. One with a passphrase is opened
 * only when a file needs it.
 * @throws KeelError `identity` (exit 2)
 */
export async function parseSshPrivateKey(text: string, from: IdentitySource): Promise<AgeIdentity> {
  const { source } = from
  if (/^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED /m.test(text)) return lockedPem(text, from)
  if (!text.includes('OPENSSH PRIVATE KEY')) return identityOf(readPem(text), source)
  const container = readOpenSshContainer(text)
  if (container === undefined) throw unreadable(source)
  const publicKey = publicKeyOf(container.publicWire, source)
  if (container.cipher !== 'none') return lockedOpenSsh(text, container, publicKey, from)
  const seed = clearEd25519Seed(container)
  const identity = identityOf(seed === undefined ? await readOpenSsh(text) : ed25519Key(seed), source)
  if (identity.publicKey !== publicKey) throw halvesDiffer(source)
  return identity
}

function identityOf(key: KeyObject | undefined, source: string): AgeIdentity {
  if (key === undefined) throw unreadable(source)
  const wire = publicWire(key)
  if (wire === undefined) throw unreadable(source, 'age decrypts with ed25519 and RSA keys only')
  const identity =
    key.asymmetricKeyType === 'rsa' ? sshRsaIdentity(wire, key) : sshEd25519Identity(wire, jwkField(key, 'd'))
  return { source, publicKey: publicKeyOf(wire, source), ...identity }
}

/** Its public half is not encrypted, so keel asks for the passphrase only for a file that is encrypted to it. */
function lockedOpenSsh(
  text: string,
  { cipher, rounds, publicWire }: OpenSshContainer,
  publicKey: SshPublicKey,
  { source, path, input }: IdentitySource,
): AgeIdentity {
  const tag = sshTag(publicWire)
  const open = () => {
    if (!CIPHERS.test(cipher)) throw foreignCipher(source, cipher)
    if (rounds > MOST_ROUNDS) throw tooManyRounds(source, rounds, MOST_ROUNDS)
    return openWithPassphrase(input, path, async (passphrase) => {
      const key = await readOpenSsh(text, passphrase)
      const identity = key && identityOf(key, source)
      if (identity !== undefined && identity.publicKey !== publicKey) throw halvesDiffer(source)
      return identity
    })
  }
  return { source, publicKey, ...lazily(({ args }) => args[0]?.startsWith('ssh-') === true && args[1] === tag, open) }
}

/** Only the passphrase shows which key it is. */
function lockedPem(text: string, { source, path, input }: IdentitySource): AgeIdentity {
  const open = () => {
    const rounds = pbkdf2Rounds(text)
    if (rounds > MOST_PBKDF2_ROUNDS) throw tooManyRounds(source, rounds, MOST_PBKDF2_ROUNDS)
    return openWithPassphrase(input, path, (passphrase) => {
      const key = readPem(text, passphrase)
      return key && identityOf(key, source)
    })
  }
  const type = text.includes('BEGIN RSA ') ? 'ssh-rsa' : 'ssh-'
  return { source, publicKey: undefined, ...lazily(({ args }) => args[0]?.startsWith(type) === true, open) }
}

/** The default of OpenSSL is 2048. This limit takes some seconds. */
const MOST_PBKDF2_ROUNDS = 10_000_000
const PBKDF2 = Buffer.from('06092a864886f70d01050c', 'hex')

/**
 * The rounds of an encrypted PKCS#8 key (RFC 8018 appendix A.2): after the name of the function comes a sequence of
 * salt and count. 0 if it is not found.
 */
function pbkdf2Rounds(pem: string): number {
  const der = Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
  const at = der.indexOf(PBKDF2)
  const salt = at + PBKDF2.length + 2
  const count = salt + 2 + (der[salt + 1] ?? 0)
  const length = der[count + 1] ?? 0
  if (at < 0 || der[count] !== 2 || length < 1 || count + 2 + length > der.length) return 0
  return length > 6 ? Number.POSITIVE_INFINITY : der.readUIntBE(count + 2, length)
}

function lazily(mayBeMine: (stanza: Stanza) => boolean, open: () => Promise<AgeIdentity>): Identity {
  let opened: Promise<AgeIdentity> | undefined
  return {
    async unwrapFileKey(stanzas) {
      if (!stanzas.some(mayBeMine)) return null
      opened ??= open()
      return (await opened).unwrapFileKey(stanzas)
    },
  }
}

/** Undefined: the key is damaged, or the passphrase is wrong. */
async function readOpenSsh(text: string, passphrase?: string): Promise<KeyObject | undefined> {
  // the import takes 34 ms, and only RSA keys and keys with a passphrase need it
  const { default: ssh2 } = await import('ssh2')
  try {
    const parsed: ParsedKey | Error | readonly ParsedKey[] = ssh2.utils.parseKey(text, passphrase)
    const [key] = Array.isArray(parsed) ? parsed : [parsed]
    return key === undefined || key instanceof Error ? undefined : readPem(key.getPrivatePEM())
  } catch {
    // it also throws for a damaged key
    return undefined
  }
}

/** A JWK must have an x; OpenSSL computes its own from d. */
function ed25519Key(seed: Buffer): KeyObject {
  return createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', d: seed.toString('base64url'), x: '' } })
}

function readPem(pem: string, passphrase?: string): KeyObject | undefined {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase })
  } catch {
    return undefined
  }
}

/** RFC 4253 section 6.6 and RFC 8709 section 4; undefined for another kind of key. */
function publicWire(key: KeyObject): Buffer | undefined {
  if (key.asymmetricKeyType === 'ed25519') return Buffer.concat([sshBlob('ssh-ed25519'), sshBlob(jwkField(key, 'x'))])
  if (key.asymmetricKeyType === 'rsa')
    return Buffer.concat([sshBlob('ssh-rsa'), sshBlob(mpint(jwkField(key, 'e'))), sshBlob(mpint(jwkField(key, 'n')))])
  return undefined
}

function jwkField(key: KeyObject, name: 'd' | 'x' | 'e' | 'n'): Buffer {
  const jwk = (name === 'd' ? key : createPublicKey(key)).export({ format: 'jwk' })
  return Buffer.from(jwk[name] ?? '', 'base64url')
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

function halvesDiffer(source: string): KeelError {
  return unreadable(source, 'its public and private halves do not belong together')
}

function foreignCipher(at: string, cipher: string): KeelError {
  return new KeelError({
    code: 'identity',
    at,
    found: `a private key encrypted with ${cipher.slice(0, 40)}`,
    why: 'keel supports only encryption with AES, which ssh-keygen uses',
    todo: `change its encryption: ssh-keygen -p -Z aes256-ctr -f ${at}`,
    exit: ExitCode.Usage,
  })
}

function tooManyRounds(at: string, rounds: number, most: number): KeelError {
  return new KeelError({
    code: 'identity',
    at,
    found: `a private key whose passphrase is hashed ${rounds} times`,
    why: `keel accepts at most ${most}, which take seconds; a damaged file may contain any number`,
    todo: `change its encryption: ssh-keygen -p -a 100 -f ${at}`,
    exit: ExitCode.Usage,
  })
}
