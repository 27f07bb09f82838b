import { ExitCode, KeelError } from '../../errors.ts'
import { packetsOf } from './openpgp-packets.ts'

/** A key without the signatures of others (`--export-options export-minimal`) has a few kilobytes. */
const MOST_BYTES = 256 << 10

const BLOCK = 'PGP PUBLIC KEY BLOCK'

/** What `gpg --export` writes: keys, subkeys, signatures, user IDs, user attributes (RFC 9580, section 5). */
const ALLOWED: ReadonlySet<number> = new Set([6, 14, 2, 13, 17])
const PUBLIC: ReadonlySet<number> = new Set([6, 14])
const SECRET: ReadonlySet<number> = new Set([5, 7])

/**
 * OpenPGP public keys in the binary form, the only one that systemd's programs read.
 * @param bytes of a file of an inventory: binary, or armoured
 * @throws KeelError `image-key` (exit 2)
 */
export function parsePublicKeyring(bytes: Uint8Array): Uint8Array {
  if (bytes.length > MOST_BYTES)
    throw refused(`a file of ${bytes.length} bytes`, `a keyring has ${MOST_BYTES} bytes at most`)
  const binary = (bytes[0] ?? 0) >= 0x80 ? bytes : unarmoured(Buffer.from(bytes).toString('latin1'))
  const packets = packetsOf(binary)
  if (packets?.some(({ tag }) => SECRET.has(tag)) === true) throw privateKey()
  if (packets === undefined || packets[0]?.tag !== 6 || packets.some(({ tag }) => !ALLOWED.has(tag)))
    throw refused('not an OpenPGP public key')
  if (packets.some(({ tag, body }) => PUBLIC.has(tag) && body[0] !== 4))
    throw refused('a key that is not of version 4', 'not every GnuPG on hosts reads another one')
  return binary
}

/** The one block of an armoured text (RFC 9580, section 6.2). Its checksum is of no use for a file in git. */
function unarmoured(text: string): Uint8Array {
  if (text.includes('PRIVATE KEY')) throw privateKey()
  const [begin, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const end = lines.pop()
  const blank = lines.indexOf('')
  const isArmour = begin === `-----BEGIN ${BLOCK}-----` && end === `-----END ${BLOCK}-----` && blank >= 0
  const base64 = lines.slice(blank + 1).filter((line, index, all) => index < all.length - 1 || !line.startsWith('='))
  if (!isArmour || !base64.every((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line)))
    throw refused('not an OpenPGP public key')
  return Buffer.from(base64.join(''), 'base64')
}

function privateKey(): KeelError {
  return refused(
    'a private key',
    'everybody who can read the inventory could sign images with it',
    'revoke this key, make a new one, and put only its public key there: `gpg --armor --export FINGERPRINT`',
  )
}

function refused(
  found: string,
  why?: string,
  todo = 'write the file with `gpg --armor --export-options export-minimal --export FINGERPRINT`',
): KeelError {
  return new KeelError({ code: 'image-key', found, ...(why === undefined ? {} : { why }), todo, exit: ExitCode.Usage })
}
