import type { Cluster, Host, K3sValue, SecretRef } from '../../../model/cluster.ts'
import { certificateName } from '../../../model/k3s/flag-kinds/certificate-name.ts'
import { isRefusal } from '../../../model/k3s/flag-kinds/kind.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'
import { isSecretRef } from '../../../model/secret-ref.ts'

/**
 * What k3s reads only when its Node registers: by itself, so that a change there restarts nothing. The Node that is
 * there is changed through the API.
 */
export const k3sRegistrationPath = `${k3sPaths.configParts}/20-keel-registration.yaml`

export type K3sConfig = Readonly<Record<string, string | number | boolean | readonly string[]>>

/**
 * A host's config.yaml without what carries a secret, and that part by itself. Keys are k3s's flag names, sorted for a
 * stable diff.
 */
export function k3sConfig(
  cluster: Cluster,
  host: Host,
): { readonly plain: K3sConfig; readonly secret: Readonly<Record<string, SecretRef>> } {
  const all: Record<string, K3sValue> = {
    ...host.k3s,
    ...identityOf(host),
    ...(host.role === 'server' ? serverOf(cluster, host) : {}),
    // its Node is that of keel-vkubelet
    ...(host.role === 'server' && host.systemdKubelet !== undefined ? { 'disable-agent': true } : {}),
  }
  const plain: Record<string, string | number | boolean | readonly string[]> = {}
  const secret: Record<string, SecretRef> = {}
  for (const key of Object.keys(all).sort()) {
    const value = all[key]
    if (value === undefined) continue
    if (isSecretRef(value)) secret[key] = value
    else plain[key] = value
  }
  return { plain, secret }
}

/** What k3s would be started with, besides secrets: each flag's values. */
export function k3sSettings(cluster: Cluster, host: Host): Readonly<Record<string, readonly string[]>> {
  const { plain } = k3sConfig(cluster, host)
  return Object.fromEntries(
    Object.entries(plain).map(([flag, value]) => [flag, Array.isArray(value) ? value : [String(value)]]),
  )
}

/** The part of a config.yaml that only a registration reads, and the rest. */
export function splitRegistration(config: K3sConfig): { readonly registration: K3sConfig; readonly rest: K3sConfig } {
  const isRegistration = ([key]: readonly [string, unknown]) => key === 'node-label' || key === 'node-taint'
  const entries = Object.entries(config)
  return {
    registration: Object.fromEntries(entries.filter(isRegistration)),
    rest: Object.fromEntries(entries.filter((entry) => !isRegistration(entry))),
  }
}

function identityOf(host: Host): Record<string, K3sValue> {
  return {
    'node-name': host.name,
    ...(host.nodeIPs.length > 0 ? { 'node-ip': host.nodeIPs } : {}),
    ...(host.network.interface === undefined ? {} : { 'flannel-iface': host.network.interface }),
    ...(Object.keys(host.labels).length > 0
      ? { 'node-label': Object.entries(host.labels).map(([key, value]) => `${key}=${value}`) }
      : {}),
    ...(host.taints.length > 0 ? { 'node-taint': host.taints } : {}),
  }
}

function serverOf(cluster: Cluster, host: Host): Record<string, K3sValue> {
  return {
    'cluster-cidr': cluster.networks.cluster,
    'service-cidr': cluster.networks.service,
    'cluster-domain': cluster.networks.domain,
    'tls-san': certificateNames(cluster, host),
    ...egressOf(cluster),
  }
}

/**
 * k3s asks the kubelet of a Node through a tunnel that its own agent opens, and answers 502 without one
 * (docs.k3s.io/networking/basic-network-options, Control-Plane Egress Selector). keel-vkubelet opens none: the API
 * server has to ask it directly, on all servers alike.
 */
function egressOf({ hosts }: Cluster): Record<string, K3sValue> {
  return hosts.some(({ systemdKubelet }) => systemdKubelet !== undefined) ? { 'egress-selector-mode': 'disabled' } : {}
}

/**
 * This server's own names and addresses, so that a new server changes nothing on the others; the VIP and `tls-san` of
 * cluster.ts are on all. Where SSH reaches it is no name of a certificate if it holds on one machine alone
 * (`fe80::1%eth0`).
 */
function certificateNames({ vip }: Cluster, host: Host): readonly string[] {
  const own = host.k3s['tls-san']
  const names = [
    host.address.host.replace(/\.$/, ''),
    ...host.nodeIPs,
    ...(vip === undefined ? [] : [vip.address]),
    ...(Array.isArray(own) ? own : []),
  ]
  const read = names.map(certificateName.read).flatMap((name) => (isRefusal(name) ? [] : [name]))
  return [...new Set(read)].sort()
}
