/**
 * One label: RFC 1123, with the underscore that DNS itself allows (SRV names, Windows machines). At most 63 characters
 * (RFC 1035, 2.3.4).
 */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

/** Whether it is a DNS name in ASCII, without a final dot: labels of at most 63 characters, at most 253 in all. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label)) && !endsInNumber(text)
}

/**
 * Whether it is an RFC 1123 subdomain, which Kubernetes uses for most names (apimachinery, IsDNS1123Subdomain): small
 * letters, and labels of at most 63 characters.
 */
export function isSubdomain(text: string): boolean {
  return (
    isDnsName(text) &&
    /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text) &&
    text.split('.').every((label) => !/^-|-$/.test(label))
  )
}

/** The same without dots, for a namespace (apimachinery, IsDNS1123Label). */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
}

/**
 * Whether the last label of a host is a number. The parser of a URL (WHATWG, "ends in a number"), inet_aton
 * (`0x7f000001`, `127.1`) and so getaddrinfo read such a host as an IPv4 address, but other programs read a name. All
 * of them agree only on four decimal numbers.
 */
export function endsInNumber(host: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(host)
}
