import * as net from 'node:net'
import ipaddr from 'ipaddr.js'
import { ExitCode, KeelError } from '../errors.ts'
import type { SshAddress } from './cluster.ts'
import { quote } from './names.ts'

/** An address as written: what it leaves out comes from the cluster's defaults (else root, 22). */
export type WrittenAddress = Pick<SshAddress, 'host'> & Partial<SshAddress>

const FORM = /^(?:([^@]*)@)?(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/
const HOST = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*\.?$/i
const ZONE = /%[A-Za-z0-9._-]+$/

/**
 * `user@host:port`, user and port optional, IPv6 in brackets: `root@[fd00::5]:2222`.
 * @throws KeelError `ssh-address` (exit 2).
 */
export function parseSshAddress(text: string): WrittenAddress {
  if (isIPv6(text.replace(/^[^@]*@/, '').replace(ZONE, '')))
    throw refused(text, 'an IPv6 address stands in brackets: root@[fd00::5]:22')
  const match = FORM.exec(text)
  if (match === null) throw refused(text, 'an address reads user@host:port')
  const [, user, bracketed, plain = '', port] = match
  const host = bracketed ?? plain
  if (user !== undefined) parseSshUser(user)
  if (bracketed !== undefined && !isIPv6(bracketed.replace(ZONE, ''))) throw refused(text, 'brackets hold an IPv6 address')
  if (bracketed === undefined && !isHost(plain)) throw refused(text, 'the host is a DNS name or an IP address')
  return {
    host: host.toLowerCase(),
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: parsePort(port, text) }),
  }
}

/** The address as `parseSshAddress` reads it and people write it. */
export function formatSshAddress({ user, host, port }: SshAddress): string {
  const bare = host.includes(':') ? `[${host}]` : host
  return `${user}@${bare}${port === 22 ? '' : `:${port}`}`
}

/** Equal for two spellings of one address: `[fd00::5] port 22`. */
export function addressKey(host: string, port: number): string {
  const plain = host.replace(/\.$/, '')
  return `${isIPv6(plain) ? new URL(`http://[${plain}]`).hostname : plain} port ${port}`
}

function isHost(text: string): boolean {
  if (/^[\d.]+$/.test(text)) return ipaddr.IPv4.isValidFourPartDecimal(text)
  return text.length <= 253 && HOST.test(text)
}

/** The first question to `node:net` costs 3 ms, which most inventories need not pay. */
function isIPv6(text: string): boolean {
  return text.includes(':') && net.isIPv6(text)
}

/** POSIX portable user names (useradd's NAME_REGEX with capitals and dots): a leading dash would be an option to ssh. */
export function parseSshUser(user: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/.test(user)) throw refused(user, 'the user is a login name')
  return user
}

function parsePort(port: string, text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(port) || Number(port) > 65_535) throw refused(text, 'the port is a number from 1 to 65535')
  return Number(port)
}

function refused(text: string, why: string): KeelError {
  return new KeelError({ code: 'ssh-address', found: `${quote(text)} is no address for ssh`, why, exit: ExitCode.Usage })
}
