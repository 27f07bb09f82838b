import { ExitCode, KeelError } from '../../errors.ts'
import type { SshAddress } from '../cluster.ts'
import { quote } from '../names.ts'
import { endsInNumber, isDnsName } from './dns-name.ts'
import { readIp } from './ip.ts'

/** An address as the user wrote it. Missing parts come from the defaults of the cluster (else root, 22). */
export type WrittenAddress = Pick<SshAddress, 'host'> & Partial<SshAddress>

const FORM = /^(?:([^@]*)@)?(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/s
const ZONE = /%[A-Za-z0-9._-]{1,15}$/

/**
 * Parses `user@host:port`. User and port are optional, and IPv6 is in brackets: `root@[fd00::5]:2222`. Returns an
 * address in its canonical form, and a name in small letters.
 * @throws KeelError `ssh-address` (exit 2).
 */
export function parseSshAddress(text: string): WrittenAddress {
  const behind = text.replace(/^[^@]*@/, '')
  if (readIPv6(behind) !== undefined) throw refused(text, 'an IPv6 address needs brackets: root@[fd00::5]:22')
  const match = FORM.exec(text)
  if (match === null) throw refused(text, 'the form is user@host:port')
  const [, user, bracketed, plain = '', port] = match
  if (user !== undefined) parseSshUser(user)
  const host = bracketed === undefined ? readHost(plain, text) : readIPv6(bracketed)
  if (host === undefined) throw refused(text, whyNoIPv6(bracketed ?? ''))
  return {
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: parsePort(port, text) }),
  }
}

/** The address in the form that people write and `parseSshAddress` reads. */
export function formatSshAddress({ user, host, port }: SshAddress): string {
  const bare = host.includes(':') ? `[${host}]` : host
  return `${user}@${bare}${port === 22 ? '' : `:${port}`}`
}

/** Equal for two forms of the same address: `[fd00::5] port 22`. */
export function addressKey(host: string, port: number): string {
  const plain = host.replace(/\.$/, '')
  return `${plain.includes(':') ? `[${plain}]` : plain} port ${port}`
}

function readHost(plain: string, text: string): string {
  const address = readIp(plain)
  if (address !== undefined) return address
  if (endsInNumber(plain))
    throw refused(
      text,
      'some programs read a name whose last part is a number as an IPv4 address, whose form is 10.0.0.1',
    )
  if (!isDnsName(plain.replace(/\.$/, ''))) throw refused(text, 'the host is a DNS name or an IP address')
  return plain.toLowerCase()
}

/** The zone keeps its capitals, because the name of an interface may have some. */
function readIPv6(text: string): string | undefined {
  const zone = ZONE.exec(text)?.[0] ?? ''
  const address = readIp(text.slice(0, text.length - zone.length))
  return address?.includes(':') === true ? `${address}${zone}` : undefined
}

function whyNoIPv6(bracketed: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(bracketed)?.[1]
  return mapped === undefined || readIp(mapped) === undefined
    ? 'only an IPv6 address belongs in brackets'
    : `that is the IPv4 address ${mapped}, which has no brackets`
}

/**
 * Portable user names of POSIX (useradd's NAME_REGEX, with capitals and dots). ssh would read a leading dash as an
 * option.
 */
export function parseSshUser(user: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(user)) throw refused(user, 'the user is a login name')
  return user
}

function parsePort(port: string, text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) throw refused(text, 'the port is a number from 1 to 65535')
  return Number(port)
}

function refused(text: string, why: string): KeelError {
  return new KeelError({
    code: 'ssh-address',
    found: `${quote(text)} is not an address for ssh`,
    why,
    exit: ExitCode.Usage,
  })
}
