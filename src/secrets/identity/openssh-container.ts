/** The part of an OpenSSH private key file that is in clear even when the key has a passphrase (OpenSSH's PROTOCOL.key). */
export interface OpenSshContainer {
  /** `none`: the private part is in clear too. */
  readonly cipher: string
  /** The public key's blob. */
  readonly publicWire: Buffer
}

const MAGIC = Buffer.from('openssh-key-v1\0')

/** Undefined when the text is no OpenSSH private key with exactly one key. */
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
  if (kdfOptions === undefined || bytes.length < kdfOptions.end + 4 || bytes.readUInt32BE(kdfOptions.end) !== 1) return undefined
  const publicWire = stringAt(bytes, kdfOptions.end + 4)
  return cipher && publicWire && { cipher: cipher.value.toString('latin1'), publicWire: publicWire.value }
}

function stringAt(bytes: Buffer, at: number): { readonly value: Buffer; readonly end: number } | undefined {
  if (at + 4 > bytes.length) return undefined
  const end = at + 4 + bytes.readUInt32BE(at)
  return end > bytes.length ? undefined : { value: bytes.subarray(at + 4, end), end }
}
