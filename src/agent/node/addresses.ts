import { readIp } from '../../model/addresses/ip.ts'

/**
 * The addresses of the machine, without loopback and link-local ones. Other programs ask for them by netlink, which the
 * agent's unit does not allow.
 * @param fibTrie /proc/self/net/fib_trie: for IPv4, an address of the machine is a leaf with a route of the type LOCAL
 * @param ifInet6 /proc/self/net/if_inet6: for IPv6, an address in hexadecimal, and in the fourth column its scope
 * (include/net/ipv6.h: 00 is global)
 */
export function addressesOf(fibTrie: string, ifInet6: string): readonly string[] {
  const leaves = fibTrie.matchAll(/\|-- (\d+\.\d+\.\d+\.\d+)\n +\/32 host LOCAL$/gm)
  const four = [...leaves].map(([, address = '']) => address).filter((address) => !address.startsWith('127.'))
  const lines = ifInet6.matchAll(/^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ 00 /gm)
  const six = [...lines].flatMap(([, hex = '']) => readIp(hex.replace(/.{4}(?=.)/g, '$&:')) ?? [])
  return [...new Set([...four, ...six])]
}
