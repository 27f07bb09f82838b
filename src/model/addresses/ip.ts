import ipaddr from 'ipaddr.js'
import { refusedText } from '../text/refused-text.ts'

export type Family = 'ipv4' | 'ipv6'

/**
 * The address in its canonical form (RFC 5952 for IPv6), so that equal addresses are equal texts.
 * @throws KeelError `node-ip` (exit 2).
 */
export function parseNodeIp(text: string): string {
  const address = read(text)
  if (address === undefined)
    throw refusedText('node-ip', text, 'not an IP address', 'the form is 100.64.0.5 or fd00::5')
  const range = address.range()
  if (['loopback', 'unspecified', 'multicast', 'broadcast', 'linkLocal'].includes(range)) {
    throw refusedText('node-ip', text, 'not an address of a node', `it is ${range}: the other nodes can't reach it`)
  }
  return address.toString()
}

/**
 * An address to listen on, in its canonical form. Loopback addresses, 0.0.0.0 and :: are allowed.
 * @throws KeelError `ip` (exit 2).
 */
export function parseListenIp(text: string): string {
  const address = read(text)
  if (address === undefined)
    throw refusedText('ip', text, 'not an IP address', 'the form is 0.0.0.0, 100.64.0.5 or fd00::5')
  if (['multicast', 'broadcast'].includes(address.range())) {
    throw refusedText('ip', text, 'not an address to listen on', `it is ${address.range()}`)
  }
  return address.toString()
}

/**
 * The address in its canonical form. Undefined if Go's net.ParseIP would not read it, or if it is an IPv4-mapped IPv6
 * address.
 */
export function readIp(text: string): string | undefined {
  return read(text)?.toString()
}

/** The special purpose of a network (such as `loopback`) whose addresses can't be used for nodes, Pods or Services. */
export function specialRangeOf(cidr: string): string | undefined {
  const range = addressOf(cidr.slice(0, cidr.indexOf('/'))).range()
  return ['loopback', 'unspecified', 'multicast', 'broadcast', 'linkLocal'].includes(range) ? range : undefined
}

/** @throws KeelError `network` (exit 2): not a CIDR, or an address with bits after the prefix. */
export function parseCidr(text: string): string {
  const [bits, prefix, ...more] = text.split('/')
  const address = read(bits ?? '')
  const length = /^(0|[1-9]\d{0,2})$/.test(prefix ?? '') ? Number(prefix) : Number.NaN
  if (address === undefined || more.length > 0 || !(length <= (address.kind() === 'ipv4' ? 32 : 128))) {
    throw refusedText('network', text, 'not a network', 'the form is 10.42.0.0/16 or fd42::/56')
  }
  const first = ipaddr[address.kind() === 'ipv4' ? 'IPv4' : 'IPv6']
    .networkAddressFromCIDR(`${address}/${length}`)
    .toString()
  if (first !== address.toString()) {
    throw refusedText(
      'network',
      text,
      'an address inside a network',
      'the bits after the prefix of a network must be 0',
      `write ${first}/${length}`,
    )
  }
  return `${first}/${length}`
}

/**
 * The address at this distance from the network's own address. k3s gives the first one to the API and the tenth to DNS.
 * Undefined if the network is smaller.
 */
export function addressIn(cidr: string, index: number): string | undefined {
  const [address, prefix] = networkOf(cidr)
  const bytes = address.toByteArray()
  if (index >= 2 ** (bytes.length * 8 - prefix)) return undefined
  let carry = index
  for (let at = bytes.length - 1; at >= 0 && carry > 0; at--) {
    const sum = (bytes[at] ?? 0) + carry
    bytes[at] = sum & 0xff
    carry = sum >> 8
  }
  return ipaddr.fromByteArray(bytes).toString()
}

export function familyOf(addressOrCidr: string): Family {
  return addressOrCidr.includes(':') ? 'ipv6' : 'ipv4'
}

export function nameOfFamily(family: Family): string {
  return family === 'ipv4' ? 'IPv4' : 'IPv6'
}

export function prefixOf(cidr: string): number {
  return Number(cidr.slice(cidr.indexOf('/') + 1))
}

/** Takes what `parseCidr` and `parseNodeIp` return. */
export function contains(cidr: string, address: string): boolean {
  if (familyOf(cidr) !== familyOf(address)) return false
  return addressOf(address).match(networkOf(cidr))
}

/** The address of a network with this number; number 0 is the network's own address. In the form of `parseNodeIp`. */
export function addressAt(cidr: string, index: number): string {
  const [address] = networkOf(cidr)
  const bytes = address.toByteArray()
  const last = bytes.length - 1
  return ipaddr.fromByteArray(bytes.map((byte, at) => (at === last ? byte + index : byte))).toString()
}

/** Whether two networks share an address. In that case one of them contains the first address of the other. */
export function overlap(a: string, b: string): boolean {
  return contains(a, b.slice(0, b.indexOf('/'))) || contains(b, a.slice(0, a.indexOf('/')))
}

/** The CIDRs that are inside no other one, each once. All are of one family. */
export function widestOf(cidrs: readonly string[]): readonly string[] {
  const spans = cidrs
    .map((cidr) => ({ cidr, ...spanOf(cidr) }))
    .sort((a, b) => compare(a.first, b.first) || compare(b.last, a.last))
  // two CIDRs are nested or separate: one that does not end after an earlier one is inside it
  let end: string | undefined
  return spans
    .filter(({ last }) => {
      const isWider = end === undefined || last > end
      if (isWider) end = last
      return isWider
    })
    .map(({ cidr }) => cidr)
}

/** The first and last address, in hexadecimal digits that sort in the order of the addresses. */
function spanOf(cidr: string): { readonly first: string; readonly last: string } {
  const [address, prefix] = networkOf(cidr)
  const bytes = address.toByteArray()
  const free = (index: number) => 0xff >> Math.min(8, Math.max(0, prefix - 8 * index))
  return {
    first: Buffer.from(bytes.map((byte, index) => byte & ~free(index))).toString('hex'),
    last: Buffer.from(bytes.map((byte, index) => byte | free(index))).toString('hex'),
  }
}

/**
 * The `parseCIDR` and `parse` of ipaddr.js itself try IPv6 first. Its exception costs ten times as much as the result.
 */
function networkOf(cidr: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  return familyOf(cidr) === 'ipv4' ? ipaddr.IPv4.parseCIDR(cidr) : ipaddr.IPv6.parseCIDR(cidr)
}

function addressOf(text: string): ipaddr.IPv4 | ipaddr.IPv6 {
  return familyOf(text) === 'ipv4' ? ipaddr.IPv4.parse(text) : ipaddr.IPv6.parse(text)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Four decimal numbers without leading zeros, or IPv6. ipaddr.js alone would also accept octal and shortened forms. */
function read(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text) && !/(^|\.)0\d/.test(text)) return ipaddr.IPv4.parse(text)
  // The same rule applies to an IPv4 address at the end of an IPv6 address. ipaddr.js reads ::1.2.3.4 as an IPv4-mapped
  // address.
  if (/(^|[.:])0\d+(\.|$)/.test(text) && text.includes('.')) return undefined
  if (!text.includes('%') && ipaddr.IPv6.isValid(text)) {
    const address = ipaddr.IPv6.parse(text)
    return address.isIPv4MappedAddress() ? undefined : address
  }
  return undefined
}
