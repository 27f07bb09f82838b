import { createHash } from 'node:crypto'
import { ExitCode, KeelError } from '../../errors.ts'
import type { SshPublicKey } from '../brands.ts'
import { sshStrings } from './ssh-fields.ts'

/**
 * The contents of the blob of an SSH public key. `wire` is the whole blob, from which fingerprints and the tags of age
 * are made.
 */
export type SshKeyParts =
  | { readonly kind: 'ssh-ed25519'; readonly wire: Buffer; readonly point: Buffer }
  | { readonly kind: 'ssh-rsa'; readonly wire: Buffer; readonly exponent: Buffer; readonly modulus: Buffer }

/** age refuses a smaller number of bits, as NIST SP 800-131A does. OpenSSH refuses a larger one (SSHBUF_MAX_BIGNUM). */
const RSA_BITS = { least: 2048, most: 16384 }
/** Go's crypto/ssh, and so the program `age`, refuses larger ones. */
const EXPONENT_BITS = 24

/**
 * An SSH public key in the form of `id_ed25519.pub`, `ssh_host_ed25519_key.pub`, or a line of `ssh-keyscan` without its
 * host. The comment is dropped.
 * @throws KeelError `ssh-key` (exit 2), which says what was found and why it is not usable, and never contains the text
 * of a private key
 */
export function parseSshPublicKey(text: string): SshPublicKey {
  const line = text.trim()
  if (/PRIVATE KEY|AGE-SECRET-KEY-/i.test(line)) {
    throw refused(
      'a private key',
      'an inventory is public',
      'put the line of the matching .pub file here, and create a new key if you have committed this one',
    )
  }
  if (line === '') throw refused('an empty text', undefined, 'put the line of a .pub file here')
  if (/[\r\n]/.test(line))
    throw refused('several lines', 'one key is one line', 'choose one of them, if possible the ssh-ed25519 key')
  const [type = '', base64] = line.split(/[ \t]+/)
  // a text that does not even look like a type is not printed, because anything may have been pasted by mistake
  if (!/^(ssh|sk|ecdsa|rsa)-[a-z0-9@.-]{1,60}$/.test(type)) {
    throw refused(
      'no SSH public key',
      'it starts with ssh-ed25519 or ssh-rsa; options or a host name before that do not belong here',
    )
  }
  const unusable = whyUnusable(type)
  if (unusable !== undefined)
    throw refused(
      `a key of type ${quote(type)}`,
      unusable,
      'use an ssh-ed25519 key (or ssh-rsa) of the same machine or person',
    )
  if (base64 === undefined) throw refused(`${quote(type)} without a key after it`)
  const wire = Buffer.from(base64, 'base64')
  if (wire.toString('base64') !== base64) throw refused(`${quote(type)} with a damaged base64 text`)
  // called only to refuse what it refuses
  parts(type, wire)
  return `${type} ${base64}` as SshPublicKey
}

/** The parts of a key that `parseSshPublicKey` has already checked. */
export function sshKeyParts(key: SshPublicKey): SshKeyParts {
  const [type = '', base64 = ''] = key.split(' ')
  return parts(type, Buffer.from(base64, 'base64'))
}

/** The fingerprint of a key in the form of `ssh-keygen -l`. */
export function fingerprint(key: SshPublicKey): `SHA256:${string}` {
  return fingerprintOfBlob(sshKeyParts(key).wire)
}

/** `SHA256:` and base64 without padding. It accepts any bytes, because a host may show a key that keel would refuse. */
export function fingerprintOfBlob(blob: Uint8Array): `SHA256:${string}` {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`
}

function whyUnusable(type: string): string | undefined {
  if (type === 'ssh-ed25519' || type === 'ssh-rsa') return undefined
  if (/-cert-v0[01]@openssh\.com$/.test(type))
    return 'a certificate changes with every signature; keel can encrypt only to the key in it'
  if (type.startsWith('sk-')) return 'a security key can sign but not decrypt'
  if (type === 'ssh-dss') return 'OpenSSH no longer supports DSA, and age never did'
  if (type.startsWith('ecdsa-sha2-')) return 'age cannot encrypt to ECDSA keys'
  if (type.startsWith('rsa-sha2-')) return 'that is the name of a signature; the type of the key is ssh-rsa'
  return 'keel does not know this type'
}

/** RFC 4253 section 6.6 (ssh-rsa) and RFC 8709 section 4 (ssh-ed25519). */
function parts(type: string, wire: Buffer): SshKeyParts {
  const fields = sshStrings(wire)
  const inner = fields?.[0]?.toString('latin1')
  if (fields === undefined || inner === undefined) throw refused(`${quote(type)} with a damaged or cut-off blob`)
  if (inner !== type) throw refused(`a line that begins with ${quote(type)} and contains a key of type ${quote(inner)}`)
  const [, first, second, ...more] = fields
  if (type === 'ssh-ed25519') {
    if (first?.length !== 32 || second !== undefined) throw refused('an ssh-ed25519 key that is not 32 bytes long')
    return { kind: type, wire, point: first }
  }
  if (type !== 'ssh-rsa' || first === undefined || second === undefined || more.length > 0)
    throw refused('an ssh-rsa key that is not two numbers')
  if (!isPositive(first) || !isPositive(second)) throw refused('an ssh-rsa key whose numbers are negative or padded')
  checkRsa(first, second)
  return { kind: type, wire, exponent: first, modulus: second }
}

function checkRsa(exponent: Buffer, modulus: Buffer): void {
  const bits = bitLength(modulus)
  if (bits < RSA_BITS.least)
    throw refused(
      `an RSA key of ${bits} bits`,
      `a key of fewer than ${RSA_BITS.least} bits is too weak for encryption`,
      'make an ed25519 key: ssh-keygen -t ed25519',
    )
  if (bits > RSA_BITS.most) throw refused(`an RSA key of ${bits} bits`, `OpenSSH accepts at most ${RSA_BITS.most}`)
  if (isEven(modulus)) throw refused('an RSA key with an even modulus')
  if (isEven(exponent) || bitLength(exponent) < 2 || bitLength(exponent) > EXPONENT_BITS)
    throw refused('an RSA key with an exponent that nobody uses')
}

/** The `mpint` of RFC 4251 section 5: no sign bit, and a leading zero only if the sign bit needs it. */
function isPositive(mpint: Buffer): boolean {
  const [first, second] = mpint
  if (first === undefined || first >= 0x80) return false
  return first !== 0 || (second !== undefined && second >= 0x80)
}

function bitLength(mpint: Buffer): number {
  const first = mpint[0] === 0 ? 1 : 0
  return (mpint.length - first) * 8 - Math.clz32(mpint[first] ?? 0) + 24
}

function isEven(mpint: Buffer): boolean {
  return ((mpint.at(-1) ?? 0) & 1) === 0
}

function quote(type: string): string {
  return `'${type.slice(0, 64).replace(/[^\x21-\x7e]/g, '?')}'`
}

function refused(found: string, why?: string, todo?: string): KeelError {
  return new KeelError({
    code: 'ssh-key',
    found,
    ...(why === undefined ? {} : { why }),
    todo: todo ?? 'copy the line again from the .pub file, or from ssh-keyscan',
    exit: ExitCode.Usage,
  })
}
