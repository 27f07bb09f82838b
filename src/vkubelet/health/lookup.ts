import { Resolver } from 'node:dns/promises'
import type { LookupFunction } from 'node:net'

/** Milliseconds, and how often. */
const resolver = new Resolver({ timeout: 2_000, tries: 2 })

/**
 * The address of a name in a probe, which anybody who can create Pods has chosen. The system's own lookup waits in one of
 * two threads of this program: names whose server does not answer would keep the API server's name from its turn, and wait
 * in memory for ever. This one asks DNS itself, without the system's other sources and search domains.
 */
export const lookup: LookupFunction = (name, { all }, callback) => {
  addressesOf(name).then(
    (found) => {
      const [first] = found
      if (all === true) callback(null, found)
      else callback(null, first?.address ?? '', first?.family)
    },
    (error: NodeJS.ErrnoException) => callback(error, ''),
  )
}

async function addressesOf(name: string) {
  const of = (family: 4 | 6) => (address: string) => ({ address, family })
  if (name === 'localhost') return [of(4)('127.0.0.1'), of(6)('::1')]
  const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  const found = [
    ...(four.status === 'fulfilled' ? four.value.map(of(4)) : []),
    ...(six.status === 'fulfilled' ? six.value.map(of(6)) : []),
  ]
  if (four.status === 'rejected' && found.length === 0) throw four.reason
  return found
}
