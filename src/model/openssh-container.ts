/** The part of an OpenSSH private key file that is in clear even when the key has a passphrase (OpenSSH's PROTOCOL.key). */
export interface OpenSshContainer {
  /** `none`: the private part is in clear too. */
  readonly cipher: string
  /** How often the passphrase is hashed (bcrypt); 0 without one. */
  readonly rounds: number
  /** The public key's blob. */
  readonly publicWire: Buffer
}

const MAGIC = Buffer.from('openssh-key-v1\0')

/** ssh-keygen takes 16 (24 since OpenSSH 9.4); a round takes ssh2 10 ms, so a damaged number would take it weeks. */
export const MOST_ROUNDS = 1000

/** Undefined when the text is no OpenSSH private key with exactly one key, protected by a passphrase or by nothing. */
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
  if (publicWire === undefined || rounds === undefined || (cipherName === 'none') !== (rounds === 0)) return undefined
  return { cipher: cipherName, rounds, publicWire: publicWire.value }
}

/** Undefined for options that belong to no function that OpenSSH has. */
function roundsOf(kdf: string, options: Buffer): number | undefined {
  if (kdf === 'none') return options.length === 0 ? 0 : undefined
  const salt = stringAt(options, 0)
  if (kdf !== 'bcrypt' || salt === undefined || salt.value.length === 0 || options.length !== salt.end + 4) return undefined
  const rounds = options.readUInt32BE(salt.end)
  return rounds === 0 ? undefined : rounds
}

function stringAt(bytes: Buffer, at: number): { readonly value: Buffer; readonly end: number } | undefined {
  if (at + 4 > bytes.length) return undefined
  const end = at + 4 + bytes.readUInt32BE(at)
  return end > bytes.length ? undefined : { value: bytes.subarray(at + 4, end), end }
}
