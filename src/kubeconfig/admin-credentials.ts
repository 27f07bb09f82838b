import { createPrivateKey, X509Certificate } from 'node:crypto'
import { parse } from 'yaml'
import * as z from 'zod'
import { KeelError } from '../errors.ts'

/** With what an administrator asks a cluster's API: three PEM texts. `key` is secret. */
export interface AdminCredentials {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

const data = z
  .string()
  .regex(/^[A-Za-z0-9+/]+={0,2}$/)
  .max(64 << 10)
const file = z.object({
  clusters: z.tuple([z.object({ cluster: z.object({ 'certificate-authority-data': data }) })]),
  users: z.tuple([z.object({ user: z.object({ 'client-certificate-data': data, 'client-key-data': data }) })]),
})

/**
 * The credentials in a server's own kubeconfig. Nothing else is taken from it: a kubeconfig can name programs that
 * kubectl runs (`exec`), servers and proxies, and this one comes from a host.
 * @param at the server's name
 * @throws KeelError `kubeconfig-unread` for any other text than one cluster and one user with a certificate and its key
 */
export function readAdminCredentials(text: string, at: string): AdminCredentials {
  const read = file.safeParse(parsed(text))
  if (!read.success) throw unread(at, 'no certificate of one cluster and one user')
  const [{ cluster }] = read.data.clusters
  const [{ user }] = read.data.users
  const credentials = {
    ca: pem(cluster['certificate-authority-data']),
    certificate: pem(user['client-certificate-data']),
    key: pem(user['client-key-data']),
  }
  if (!belongTogether(credentials)) throw unread(at, 'a certificate and a key that do not belong together')
  if (Number.isNaN(endOf(credentials).getTime())) throw unread(at, 'a certificate without a valid end')
  return credentials
}

/** Until when the API takes the administrator's certificate. */
export function endOf({ certificate }: AdminCredentials): Date {
  return new Date(new X509Certificate(certificate).validTo)
}

/**
 * The parser takes minutes for some hundred nested maps, and for thousands of keys, and no signal interrupts it. k3s's
 * own file has no bracket, and about 60 characters that are neither base64 nor a space.
 */
function isSmall(text: string): boolean {
  const count = (what: RegExp) => text.match(what)?.length ?? 0
  return count(/[[{?]/g) <= 50 && count(/[^\w+/= ]/g) <= 1000
}

function parsed(text: string): unknown {
  if (!isSmall(text)) return undefined
  try {
    return parse(text, { maxAliasCount: 0, logLevel: 'silent' })
  } catch {
    return undefined
  }
}

function pem(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1')
}

function belongTogether({ ca, certificate, key }: AdminCredentials): boolean {
  try {
    return new X509Certificate(ca).ca && new X509Certificate(certificate).checkPrivateKey(createPrivateKey(key))
  } catch {
    return false
  }
}

function unread(at: string, found: string): KeelError {
  return new KeelError({
    code: 'kubeconfig-unread',
    at,
    found: `its administrator's kubeconfig has ${found}`,
    why: 'keel takes only the CA, the certificate and its key from it',
    todo: 'restart Kubernetes on this server, which writes the file anew, or compare it with the one of another server',
  })
}
