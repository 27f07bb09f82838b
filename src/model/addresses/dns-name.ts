/**
 * One label: RFC 1123 with the underscore that DNS itself allows (SRV names, Windows machines); 63 characters at most
 * (RFC 1035, 2.3.4).
 */
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i

/** A DNS name in ASCII, without a final dot: labels of 63 characters, 253 in all. */
export function isDnsName(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label)) && !endsInNumber(text)
}

/**
 * RFC 1123 subdomain, as Kubernetes has it for most names (apimachinery, IsDNS1123Subdomain): small letters, and no
 * label longer than DNS has it.
 */
export function isSubdomain(text: string): boolean {
  return isDnsName(text) && /^[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(text) && text.split('.').every((label) => !/^-|-$/.test(label))
}

/** The same without dots: a namespace (apimachinery, IsDNS1123Label). */
export function isDnsLabel(text: string): boolean {
  return /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)
}

/**
 * A host whose last label is a number is an IPv4 address to a URL's parser (WHATWG, "ends in a number"), to inet_aton
 * (`0x7f000001`, `127.1`) and so to getaddrinfo, and a name to others: it means one thing to all only where it is four
 * decimal numbers.
 */
export function endsInNumber(host: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(host)
}
