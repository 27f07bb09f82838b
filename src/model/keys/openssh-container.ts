/**
 * The part of an OpenSSH private key file that is not encrypted, even if the key has a passphrase (OpenSSH's
 * PROTOCOL.key).
 */
export interface OpenSshContainer {
  /** `none`: the private part is not encrypted either. */
  readonly cipher: string
  /** How often the passphrase is hashed (bcrypt). 0 without a passphrase. */
  readonly rounds: number
  /** The blob of the public key. */
  readonly publicWire: Buffer
  /** Not encrypted if the cipher is `none`. */
  readonly privatePart: Buffer
}

const MAGIC = Buffer.from('openssh-key-v1\0')

/**
 * ssh-keygen uses 16 (24 since OpenSSH 9.4). ssh2 needs 10 ms for a round, so with a damaged number it could run for
 * weeks.
 */
export const MOST_ROUNDS = 1000

/** Undefined if the text is not an OpenSSH private key with exactly one key, with or without a passphrase. */
export function readOpenSshContainer(pem: string): OpenSshContainer | undefined {
  const base64 = /^-----BEGIN OPENSSH PRIVATE KEY-----\s([A-Za-z0-9+/=\s]+)-----END OPENSSH PRIVATE KEY-----\s*$/.exec(
    pem.trimStart(),
  )?.[1]
  if (base64 === undefined) return undefined
  const bytes = Buffer.from(base64, 'base64')
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const cipher = stringAt(bytes, MAGIC.length)
  const kdf = cipher && stringAt(bytes, cipher.end)
  const kdfOptions = kdf && stringAt(bytes, kdf.end)
  if (!cipher || !kdf || !kdfOptions) return undefined
  if (bytes.length < kdfOptions.end + 4 || bytes.readUInt32BE(kdfOptions.end) !== 1) return undefined
  const publicWire = stringAt(bytes, kdfOptions.end + 4)
  const rounds = roundsOf(kdf.value.toString('latin1'), kdfOptions.value)
  const cipherName = cipher.value.toString('latin1')
  const privatePart = publicWire && stringAt(bytes, publicWire.end)
  if (!privatePart || rounds === undefined || (cipherName === 'none') !== (rounds === 0)) return undefined
  return { cipher: cipherName, rounds, publicWire: publicWire.value, privatePart: privatePart.value }
}

/** Undefined if OpenSSH has no such function, or the options do not fit it. */
function roundsOf(kdf: string, options: Buffer): number | undefined {
  if (kdf === 'none') return options.length === 0 ? 0 : undefined
  const salt = stringAt(options, 0)
  if (kdf !== 'bcrypt' || salt === undefined || salt.value.length === 0 || options.length !== salt.end + 4)
    return undefined
  const rounds = options.readUInt32BE(salt.end)
  return rounds === 0 ? undefined : rounds
}

/**
 * The seed (RFC 8032's private key) of an ed25519 key in a private part that is not encrypted.
 * @returns undefined if the key has another type, or if OpenSSH would have written anything in it differently
 */
export function clearEd25519Seed({ cipher, privatePart }: OpenSshContainer): Buffer | undefined {
  if (cipher !== 'none' || privatePart.length < 8 || privatePart.readUInt32BE(0) !== privatePart.readUInt32BE(4))
    return undefined
  const type = stringAt(privatePart, 8)
  const point = type && stringAt(privatePart, type.end)
  // the seed, and then the point again
  const secret = point && stringAt(privatePart, point.end)
  const comment = secret && stringAt(privatePart, secret.end)
  if (!comment || type.value.toString('latin1') !== 'ssh-ed25519' || secret.value.length !== 64) return undefined
  if (!secret.value.subarray(32).equals(point.value)) return undefined
  const padding = privatePart.subarray(comment.end)
  if (privatePart.length % 8 !== 0 || padding.length >= 8 || padding.some((byte, index) => byte !== index + 1))
    return undefined
  return secret.value.subarray(0, 32)
}

function stringAt(bytes: Buffer, at: number): { readonly value: Buffer; readonly end: number } | undefined {
  if (at + 4 > bytes.length) return undefined
  const end = at + 4 + bytes.readUInt32BE(at)
  return end > bytes.length ? undefined : { value: bytes.subarray(at + 4, end), end }
}
