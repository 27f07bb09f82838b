import { isIP } from 'node:net'
import type { Cluster } from '../model/cluster.ts'
import { addressOf, apiAt } from '../model/k3s/api-address.ts'
import { serversOf } from '../model/servers-of.ts'
import type { AdminCredentials } from './admin-credentials.ts'

/** What keel adds to a kubeconfig. Source of the form: kubernetes.io/docs/reference/config-api/kubeconfig.v1 */
export interface Entry {
  /** Of the cluster; its user and its context are both `admin@<name>`. */
  readonly name: string
  /** `https://10.0.0.1:6443` */
  readonly server: string
  readonly credentials: AdminCredentials
}

/** Where an administrator reaches the API: at the cluster's own address, or else where SSH reaches the first server. */
export function apiForAdmins(cluster: Cluster): string {
  if (cluster.vip !== undefined) return apiAt(cluster.vip.address)
  const [first] = serversOf(cluster)
  if (first === undefined) throw new TypeError('a cluster without a server')
  const { host } = first.address
  // an address with a zone holds on one machine alone, and no certificate names it
  return apiAt(isIP(host) !== 0 && host.includes('%') ? addressOf(first) : host.replace(/\.$/, ''))
}

export function userName({ name }: Pick<Entry, 'name'>): string {
  return `admin@${name}`
}

/** The `cluster`, `user` and `context` of an entry, as kubectl reads them. */
export function stanzas({ name, server, credentials }: Entry) {
  const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')
  return {
    cluster: { 'certificate-authority-data': base64(credentials.ca), server },
    user: { 'client-certificate-data': base64(credentials.certificate), 'client-key-data': base64(credentials.key) },
    context: { cluster: name, user: userName({ name }) },
  }
}
