import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { DerFault, type DerValue, readAll, readOne, TAG } from './read-der.ts'

export interface AltNames {
  readonly dnsNames: readonly string[]
  /** In their canonical form. */
  readonly addresses: readonly string[]
}

/** RFC 5280 section 4.2.1.6: dNSName is [2], iPAddress [7] with the address's own bytes. */
const DNS_NAME = 0x82
const IP_ADDRESS = 0x87

/** A node has a handful. */
const MOST = 100

const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
const NAME = new RegExp(`^(?=.{1,253}$)${LABEL}(?:\\.${LABEL})*$`)

/** The value of a subjectAltName. @throws DerFault */
export function altNamesIn(bytes: Buffer): AltNames {
  const names = readAll(readOne(bytes, TAG.sequence, 'list of names').contents)
  if (names.length > MOST) throw new DerFault(`more than ${MOST} names`)
  const of = (tag: number) => names.filter((name) => name.tag === tag)
  const [dnsNames, addresses] = [of(DNS_NAME), of(IP_ADDRESS)]
  if (dnsNames.length + addresses.length < names.length)
    throw new DerFault('a name that is neither of DNS nor an IP address')
  return { dnsNames: dnsNames.map(dnsName), addresses: addresses.map(address) }
}

function dnsName({ contents }: DerValue): string {
  const name = contents.toString('latin1')
  if (!NAME.test(name) || isIP(name) !== 0) throw new DerFault('a DNS name that is none')
  return name
}

function address({ contents }: DerValue): string {
  if (contents.length !== 4 && contents.length !== 16) throw new DerFault('an IP address that is none')
  return ipaddr.fromByteArray([...contents]).toString()
}
