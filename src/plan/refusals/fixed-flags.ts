import { addressAt, parseCidr } from '../../model/addresses/ip.ts'
import { defaultNetworks } from '../../model/k3s/default-networks.ts'
import type { Settings } from '../../probes/distribution/k3s-settings.ts'

/** A flag that k3s settles at the first start of a cluster. */
export interface Fixed {
  readonly flag: string
  /** Where the inventory sets it. */
  readonly key: string
  readonly why: string
  /** Its value among the flags that are set, with k3s's default filled in; that depends on `node-ip`. */
  readonly read: (settings: Settings) => readonly string[]
}

const plain = (flag: string, fallback: readonly string[]) => (settings: Settings) => settings[flag] ?? fallback

/**
 * Sources: docs.k3s.io/cli/server (networking, "critical configuration values"),
 * docs.k3s.io/networking/basic-network-options, docs.k3s.io/cli/secrets-encrypt.
 */
export const fixedFlags: readonly Fixed[] = [
  {
    flag: 'cluster-cidr',
    key: '`networks.cluster`',
    why: 'every Node and Pod has an address in it, and Kubernetes never changes a podCIDR',
    read: clusterNetworks,
  },
  {
    flag: 'service-cidr',
    key: '`networks.service`',
    why: 'every Service has an address in it, and the certificates of k3s contain the first one',
    read: serviceNetworks,
  },
  {
    flag: 'cluster-dns',
    key: "`k3s['cluster-dns']`",
    why: 'the address of the DNS Service is fixed, and every Pod uses it',
    // the tenth address of each network of Services (k3s's cmd/server: GetIndexedIP)
    read: (settings) => settings['cluster-dns'] ?? serviceNetworks(settings).flatMap(tenth),
  },
  {
    flag: 'cluster-domain',
    key: '`networks.domain`',
    why: 'every running Pod looks up names in it, and the certificates of k3s contain it',
    read: plain('cluster-domain', ['cluster.local']),
  },
  {
    flag: 'secrets-encryption',
    key: "`k3s['secrets-encryption']`",
    why: 'k3s creates its keys at the first start: it cannot read Secrets without them, and a restart does not encrypt existing Secrets',
    read: plain('secrets-encryption', ['false']),
  },
  {
    flag: 'secrets-encryption-provider',
    key: "`k3s['secrets-encryption-provider']`",
    why: 'k3s has created its keys for the other provider; only `k3s secrets-encrypt` can change it, a restart cannot',
    read: (settings) =>
      (settings['secrets-encryption']?.[0] === 'true' && settings['secrets-encryption-provider']) || ['aescbc'],
  },
  {
    flag: 'node-cidr-mask-size',
    key: "`k3s['kube-controller-manager-arg']`",
    why: 'Kubernetes never changes the podCIDR of a Node: nodes of the same cluster would have networks of different sizes',
    read: (settings) => maskSizes(settings['kube-controller-manager-arg'] ?? [], clusterNetworks(settings)),
  },
]

function clusterNetworks(settings: Settings): readonly string[] {
  return settings['cluster-cidr'] ?? [defaultNetworks(settings['node-ip']?.[0]).cluster]
}

function serviceNetworks(settings: Settings): readonly string[] {
  return settings['service-cidr'] ?? [defaultNetworks(settings['node-ip']?.[0]).service]
}

function tenth(cidr: string): readonly string[] {
  try {
    return [addressAt(parseCidr(cidr), 10)]
  } catch {
    return []
  }
}

/** Without those that say what kube-controller-manager takes anyway: 24 for IPv4, 64 for IPv6. */
function maskSizes(args: readonly string[], [network = '']: readonly string[]): readonly string[] {
  const usual = [`=${network.includes(':') ? 64 : 24}`, '-ipv4=24', '-ipv6=64'].map(
    (end) => `node-cidr-mask-size${end}`,
  )
  return args.filter((arg) => /^node-cidr-mask-size(-ipv[46])?=/.test(arg) && !usual.includes(arg)).toSorted()
}
