import { endsInNumber, isDnsName } from '../../addresses/dns-name.ts'
import { readIp } from '../../addresses/ip.ts'
import type { Kind, Refusal } from './kind.ts'

const ALLOWED = 'IP addresses and DNS names in ASCII'

/**
 * A name in the certificate of the API server. If it is not ASCII, Go's crypto/x509 ends k3s. If it is a URL or an
 * address in brackets, it goes into the certificate as a DNS name that no client ever asks for.
 */
export const certificateName: Kind = { allowed: ALLOWED, read: readName, cutAtCommas: true }

function readName(text: string): string | Refusal {
  const address = readIp(text)
  if (address !== undefined) return address
  const name = text.replace(/^\*\./, '')
  if (isDnsName(name)) return text.toLowerCase()
  return refuse(text, name)
}

function refuse(text: string, name: string): Refusal {
  const written = withoutUrl(text)
  const todo = written === undefined ? {} : { todo: `write '${written}'` }
  if (text === '') return { why: 'an empty name is not possible in a certificate', todo: 'remove it' }
  if (/[^\x00-\x7f]/.test(text)) {
    const ascii = URL.canParse(`https://${text}`) ? new URL(`https://${text}`).hostname : undefined
    const known = ascii !== undefined && isDnsName(ascii) ? { todo: `write '${ascii}'` } : {}
    return { why: 'a certificate has names in ASCII only, and k3s exits with this one', ...known }
  }
  if (text.includes('://')) return { why: 'a certificate has names of hosts, not URLs', ...todo }
  if (/^\[.*\]/.test(text)) return { why: 'a certificate has an address without brackets', ...todo }
  if (/:\d+$/.test(text) && written !== undefined) return { why: 'a certificate has no ports', ...todo }
  if (text.includes('%'))
    return { why: 'a certificate cannot have an address with a zone, because a zone is valid on one machine only' }
  if (text.endsWith('.') && isDnsName(text.slice(0, -1)))
    return { why: 'clients ask for the name without its final dot', todo: `write '${text.slice(0, -1)}'` }
  if (text.includes('*')) return { why: 'a * must be the whole first label, followed by a name: *.example.com' }
  if (endsInNumber(name)) return { why: 'it looks like an IP address, but is not a valid one' }
  return { why: `k3s takes ${ALLOWED}: letters, digits, - and . inside, 63 characters between dots` }
}

/** The name that the user probably meant, without the other parts of a URL. */
function withoutUrl(text: string): string | undefined {
  const bare = text
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/\/.*$/s, '')
    .replace(/^\[(.*)\](:\d+)?$/s, '$1')
  const withoutPort = readIp(bare) === undefined ? bare.replace(/:\d+$/, '') : bare
  const address = readIp(withoutPort)
  if (address !== undefined) return address
  return withoutPort !== text && isDnsName(withoutPort.replace(/^\*\./, '')) ? withoutPort.toLowerCase() : undefined
}
