import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { der } from './der.ts'

/** An extension of a certificate, or of the request for one (RFC 5280 section 4.1). */
export function extension(oid: string, value: Uint8Array, isCritical = false): Uint8Array {
  return der.sequence(der.oid(oid), ...(isCritical ? [der.true()] : []), der.octets(value))
}

/** The attribute of a request that has the extensions (RFC 2985 section 5.4.2). */
export const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'

export const SUBJECT_ALT_NAME = '2.5.29.17'

/** @param names DNS names and IP addresses; each comes once */
export function subjectAltName(names: readonly string[]): Uint8Array {
  return extension(SUBJECT_ALT_NAME, der.sequence(...[...new Set(names)].map(generalName)))
}

/** RFC 5280 section 4.2.1.6: dNSName is [2], iPAddress [7] with the address's own bytes. */
function generalName(name: string): Uint8Array {
  return isIP(name) === 0
    ? der.implicit(2, Buffer.from(name))
    : der.implicit(7, Uint8Array.from(ipaddr.parse(name).toByteArray()))
}
