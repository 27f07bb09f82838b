import ipaddr from 'ipaddr.js'
import { KeelError } from '../../errors.ts'
import type { PortRange } from '../guard.ts'

/**
 * One base chain of filter rules in a table of its own, as a value: the only part of nftables that keel uses (nft(8)).
 */
export interface NftTable {
  readonly family: 'inet'
  readonly name: string
  readonly chain: { readonly name: string; readonly hook: 'input'; readonly policy: 'accept' }
  readonly rules: readonly NftRule[]
}

export interface NftRule {
  readonly matches: readonly NftMatch[]
  readonly verdict: 'accept' | 'drop'
  readonly comment?: string
}

export type NftMatch =
  | { readonly match: 'interface'; readonly name: string }
  | { readonly match: 'established' }
  /** Addresses and CIDRs of one family, none inside another. */
  | { readonly match: 'source'; readonly family: 'ipv4' | 'ipv6'; readonly addresses: readonly string[] }
  | { readonly match: 'family'; readonly family: 'ipv4' | 'ipv6' }
  | { readonly match: 'port'; readonly protocol: 'tcp' | 'udp'; readonly ports: readonly PortRange[] }
  /** By its number: a host may have no /etc/protocols. */
  | { readonly match: 'protocol'; readonly number: number }

/**
 * A file for `nft -f`, which loads it as one transaction: the table is replaced whole, no other is touched, and an
 * error changes nothing. The empty table comes first because `delete` fails where there is none.
 * @throws KeelError `nft-value` for what has no form in nft's language
 */
export function nftFile({ family, name, chain, rules }: NftTable): string {
  const table = `table ${family} ${word(name)}`
  return `${table} {}
delete ${table}
${table} {
	chain ${word(chain.name)} {
		type filter hook ${chain.hook} priority filter; policy ${chain.policy};
${rules.map((rule) => `\t\t${ruleText(rule)}\n`).join('')}	}
}
`
}

function ruleText({ matches, verdict, comment }: NftRule): string {
  return [...matches.map(matchText), verdict, ...(comment === undefined ? [] : [`comment ${quoted(comment)}`])].join(
    ' ',
  )
}

function matchText(match: NftMatch): string {
  switch (match.match) {
    case 'interface':
      return `iifname ${quoted(match.name)}`
    case 'established':
      return 'ct state established,related'
    case 'family':
      return `meta nfproto ${match.family}`
    case 'source':
      return `${match.family === 'ipv4' ? 'ip' : 'ip6'} saddr ${set(match.addresses.map((address) => addressText(address, match.family)))}`
    case 'port':
      return `${match.protocol} dport ${set(match.ports.map(portText))}`
    case 'protocol':
      return `meta l4proto ${match.number}`
  }
}

function set(elements: readonly string[]): string {
  if (elements.length === 0) throw refused('an empty set', 'it matches nothing')
  return `{ ${elements.join(', ')} }`
}

function portText(range: PortRange): string {
  const ports = typeof range === 'number' ? [range] : range
  if (!ports.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535))
    throw refused(ports.join('-'), 'no port')
  return ports.join('-')
}

function addressText(text: string, family: 'ipv4' | 'ipv6'): string {
  const [bits = '', prefix, ...more] = text.split('/')
  const sound =
    more.length === 0 &&
    ipaddr.isValid(bits) &&
    !bits.includes('%') &&
    ipaddr.parse(bits).kind() === family &&
    (prefix === undefined || ipaddr.isValidCIDR(text))
  if (!sound) throw refused(text, `no ${family} address`)
  return prefix === undefined ? ipaddr.parse(bits).toString() : `${ipaddr.parse(bits)}/${Number(prefix)}`
}

/** nft has no escapes in its strings, and an asterisk at the end of an interface's name means any ending. */
function quoted(text: string): string {
  if (!/^[\x20-\x7e]+$/.test(text) || /["\\*]/.test(text)) throw refused(text, 'it is not possible in a string for nft')
  return `"${text}"`
}

function word(text: string): string {
  if (!/^[a-z][a-z0-9_]*$/.test(text)) throw refused(text, 'no name of a table or chain')
  return text
}

function refused(found: string, why: string): KeelError {
  return new KeelError({ code: 'nft-value', found: `${JSON.stringify(found)} in the firewall`, why })
}
