import { type Family, familyOf, prefixOf, widestOf } from '../../model/addresses/ip.ts'
import type { Guard, Source } from '../guard.ts'
import type { Firewall } from './firewall.ts'
import type { NftMatch, NftRule, NftTable } from './nft-table.ts'

/**
 * The one table that keel has. Its chain accepts what no rule drops: a packet then still passes whatever other tables
 * the host has, and it does not affect SSH, ICMP or the user's own services. What goes to Pods is forwarded and never
 * comes here.
 */
export function firewallTable({ sshPort, guards }: Firewall): NftTable {
  const ssh: NftMatch = { match: 'port', protocol: 'tcp', ports: [sshPort] }
  return {
    family: 'inet',
    name: 'keel',
    chain: { name: 'input', hook: 'input', policy: 'accept' },
    rules: [
      { matches: [{ match: 'interface', name: 'lo' }], verdict: 'accept' },
      { matches: [{ match: 'established' }], verdict: 'accept' },
      { matches: [ssh], verdict: 'accept', comment: 'SSH' },
      ...guards.flatMap(rulesOf),
    ],
  }
}

function rulesOf(guard: Guard): readonly NftRule[] {
  const { what, from } = guard
  const target: NftMatch =
    guard.protocol === 'vrrp'
      ? { match: 'protocol', number: 112 }
      : { match: 'port', protocol: guard.protocol, ports: guard.ports }
  return [
    ...from
      .flatMap(sourcesOf)
      .map((matches): NftRule => ({ matches: [...matches, target], verdict: 'accept', comment: what })),
    { matches: [target], verdict: 'drop', comment: what },
  ]
}

/** One rule for each family, because a set in nft holds one kind of address. */
function sourcesOf({ addresses, interface: name }: Source): readonly (readonly NftMatch[])[] {
  const through: readonly NftMatch[] = name === undefined ? [] : [{ match: 'interface', name }]
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const own = addresses.filter((address) => familyOf(address) === family)
    return own.length === 0 ? [] : [[...through, sourceOf(family, own)]]
  })
}

function sourceOf(family: Family, addresses: readonly string[]): NftMatch {
  const widest = withoutContained(addresses)
  return widest.some((one) => one.includes('/') && prefixOf(one) === 0)
    ? { match: 'family', family }
    : { match: 'source', family, addresses: widest }
}

/**
 * An interval set in nft accepts no element inside another. Sorted, so that the order of the inventory changes no file.
 */
function withoutContained(addresses: readonly string[]): readonly string[] {
  return widestOf(addresses.map(asCidr))
    .toSorted()
    .map((cidr) => cidr.replace(cidr.includes(':') ? /\/128$/ : /\/32$/, ''))
}

function asCidr(address: string): string {
  if (address.includes('/')) return address
  return `${address}/${familyOf(address) === 'ipv4' ? 32 : 128}`
}
