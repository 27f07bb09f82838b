import { isIPv6 } from 'node:net'

/** The parts of a URL that Ignition looks at. */
export interface ParsedUrl {
  /** In lower case; "" if there is none. */
  readonly scheme: string
  /** The part after the scheme, up to the query, if it does not begin with a slash. */
  readonly opaque: string
  /** Without its question mark, otherwise unchanged. */
  readonly query: string
}

/**
 * Splits a URL like Go's `url.Parse` (net/url, Go 1.26); undefined if that refuses it. Go is much less strict than
 * WHATWG: `http:` alone is a URL. Bytes outside of ASCII are allowed everywhere.
 */
export function parseUrl(text: string): ParsedUrl | undefined {
  const hash = text.indexOf('#')
  const [withoutFragment, fragment] = hash < 0 ? [text, ''] : [text.slice(0, hash), text.slice(hash + 1)]
  if (/[\x00-\x1f\x7f]/.test(withoutFragment) || !escapesAreWhole(fragment)) return undefined
  const split = splitScheme(withoutFragment)
  if (split === undefined) return undefined
  const { scheme, rest } = split
  const mark = rest.indexOf('?')
  const [place, query] = mark < 0 ? [rest, ''] : [rest.slice(0, mark), rest.slice(mark + 1)]
  if (!place.startsWith('/')) {
    if (scheme !== '') return { scheme, opaque: place, query }
    // "a:b" would be a scheme, so the first part of a path may not contain a colon
    const [first = ''] = place.split('/', 1)
    return first.includes(':') ? undefined : { scheme, opaque: '', query }
  }
  return placeIsValid(place, scheme) ? { scheme, opaque: '', query } : undefined
}

/** The values of one parameter of a query. A part with a semicolon or an invalid escape does not count. */
export function queryValues(query: string, name: string): readonly string[] {
  const values: string[] = []
  for (const part of query.split('&')) {
    if (part === '' || part.includes(';')) continue
    const equals = part.indexOf('=')
    const [key, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
    if (escapesAreWhole(key) && escapesAreWhole(value) && unescapeQuery(key) === name) values.push(value)
  }
  return values
}

function splitScheme(text: string): { scheme: string; rest: string } | undefined {
  const [, scheme] = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text) ?? []
  if (scheme !== undefined) return { scheme: scheme.toLowerCase(), rest: text.slice(scheme.length + 1) }
  return text.startsWith(':') ? undefined : { scheme: '', rest: text }
}

function placeIsValid(place: string, scheme: string): boolean {
  const hasAuthority = place.startsWith('//') && (scheme !== '' || !place.startsWith('///'))
  if (!hasAuthority) return escapesAreWhole(place)
  const slash = place.indexOf('/', 2)
  const authority = slash < 0 ? place.slice(2) : place.slice(2, slash)
  const at = authority.lastIndexOf('@')
  if (!hostIsValid(authority.slice(at + 1))) return false
  if (at >= 0 && !userIsValid(authority.slice(0, at))) return false
  return slash < 0 || escapesAreWhole(place.slice(slash))
}

function userIsValid(user: string): boolean {
  return /^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(user) && escapesAreWhole(user)
}

function hostIsValid(host: string): boolean {
  if (host.includes('[')) return bracketedIsValid(host)
  const colon = host.lastIndexOf(':')
  return (colon < 0 || portIsValid(host.slice(colon))) && hostTextIsValid(host)
}

/** RFC 3986 section 3.2.2: brackets contain an IPv6 address, with an optional zone (RFC 6874). */
function bracketedIsValid(host: string): boolean {
  const [, address = '', zone, port = ''] = /^\[([^%[\]]*)(?:%25([^[\]]+))?\](.*)$/s.exec(host) ?? []
  return isIPv6(address) && (zone === undefined || zoneIsValid(zone)) && portIsValid(port)
}

function portIsValid(port: string): boolean {
  return /^(:[0-9]*)?$/.test(port)
}

// RFC 3986 section 3.2.2, and what Go also allows. %XX only for bytes outside of ASCII and for % itself
function hostTextIsValid(host: string): boolean {
  return /^(?:%25|%[89A-Fa-f][0-9A-Fa-f]|[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[^\x00-\x7f])*$/.test(host)
}

// RFC 6874: in a zone, %XX may stand for any byte that is allowed there without it, and for a space
function zoneIsValid(zone: string): boolean {
  if (!/^(?:%[0-9A-Fa-f]{2}|[A-Za-z0-9\-._~!$&'()*+,;=:[\]<>"]|[^\x00-\x7f])*$/.test(zone)) return false
  return [...zone.matchAll(/%([0-9A-Fa-f]{2})/g)].every(([, hex = '']) => {
    const code = Number.parseInt(hex, 16)
    return hex === '25' || hex === '20' || code >= 0x80 || hostTextIsValid(String.fromCharCode(code))
  })
}

function escapesAreWhole(text: string): boolean {
  return !/%(?![0-9A-Fa-f]{2})/.test(text)
}

function unescapeQuery(text: string): string {
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
