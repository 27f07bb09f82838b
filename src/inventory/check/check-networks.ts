import {
  addressIn,
  contains,
  type Family,
  familyOf,
  nameOfFamily,
  overlap,
  parseNodeIp,
  prefixOf,
  specialRangeOf,
} from '../../model/addresses/ip.ts'
import { argOf } from '../../model/k3s/flag-kinds/component-arg.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, isBroken } from '../draft.ts'
import { networksOf } from '../settings.ts'

const KINDS = ['cluster', 'service'] as const
type Path = readonly (string | number)[]

/** Checks the networks of Pods and Services against each other, and against the rules of k3s and Kubernetes. */
export function checkNetworks(draft: ClusterDraft, hosts: number): Finding[] {
  // a comparison with the default would report a fault in the other network too
  if (isBroken(draft, 'networks', 'cluster') || isBroken(draft, 'networks', 'service')) return []
  return [
    ...checkFamilies(draft),
    ...checkRanges(draft),
    ...checkOverlap(draft),
    ...checkClusterSize(draft, hosts),
    ...checkServiceSize(draft),
  ]
}

function finding(
  { source }: ClusterDraft,
  path: Path,
  code: string,
  found: string,
  why: string,
  todo?: string,
): Finding {
  return { source, path: ['networks', ...path], code, found, why, ...(todo === undefined ? {} : { todo }) }
}

function checkFamilies(draft: ClusterDraft): Finding[] {
  const networks = networksOf(draft.values)
  const findings = KINDS.flatMap((kind): Finding[] => {
    const families = networks[kind].map(familyOf)
    if (families.length > 0 && families.length <= 2 && new Set(families).size === families.length) return []
    const found = `${families.length} networks (${families.map(nameOfFamily).join(', ')})`
    return [finding(draft, [kind], 'network-families', found, 'allowed: one, or one of IPv4 and one of IPv6')]
  })
  if (networks.cluster.map(familyOf).join() === networks.service.map(familyOf).join()) return findings
  const found = `the cluster network is ${networks.cluster.join(', ')}, the service network ${networks.service.join(', ')}`
  const why = 'both must have the same address families in the same order'
  return [...findings, finding(draft, [], 'network-families', found, why, 'set networks.cluster and networks.service')]
}

function checkRanges(draft: ClusterDraft): Finding[] {
  const networks = networksOf(draft.values)
  return KINDS.flatMap((kind) =>
    networks[kind].flatMap((network, index): Finding[] => {
      const range = specialRangeOf(network)
      if (range === undefined) return []
      const why = `those addresses are ${range}, and no packet with one of them reaches another machine`
      return [
        finding(
          draft,
          [kind, index],
          'network-range',
          `${network} is not usable as a network for ${kind === 'cluster' ? 'Pods' : 'Services'}`,
          why,
        ),
      ]
    }),
  )
}

function checkOverlap(draft: ClusterDraft): Finding[] {
  const networks = networksOf(draft.values)
  return networks.cluster.flatMap((network, index): Finding[] => {
    const other = networks.service.find((one) => overlap(network, one))
    if (other === undefined) return []
    const found = `${network} overlaps the service network ${other}`
    return [
      finding(draft, ['cluster', index], 'network-overlap', found, 'an address must belong to a Pod or to a Service'),
    ]
  })
}

/**
 * kube-controller-manager gives each node a part of this size, and makes at most 2^16 parts (nodeipam/ipam/cidrset).
 */
const NODE_PREFIX: Readonly<Record<Family, number>> = { ipv4: 24, ipv6: 64 }
/**
 * A part needs an address for the bridge of the node and one for a Pod. In IPv4 the first and last can't be used
 * either.
 */
const LONGEST_NODE_PREFIX: Readonly<Record<Family, number>> = { ipv4: 30, ipv6: 126 }
const MASK_SIZE = 'node-cidr-mask-size'

function checkClusterSize(draft: ClusterDraft, hosts: number): Finding[] {
  const networks = networksOf(draft.values).cluster
  const masks = maskSizesOf(draft)
  const wrong = masks.flatMap((mask) => checkMask(draft, mask, networks.length > 1))
  if (wrong.length > 0) return wrong
  return networks.flatMap((network, index): Finding[] => {
    const family = familyOf(network)
    const said = masks.find(({ key }) => key === MASK_SIZE || key === `${MASK_SIZE}-${family}`)
    const size = said === undefined ? NODE_PREFIX[family] : Number(said.value)
    if (size > LONGEST_NODE_PREFIX[family]) return [tooSmallParts(draft, index, network, size)]
    const spare = size - prefixOf(network)
    if (spare >= 0 && spare <= 16 && 2 ** spare >= hosts) return []
    const found = `${network} has no room for ${hosts} nodes`
    const why = `each node takes a /${size} of it, and Kubernetes can create at most 65536 of them`
    return [finding(draft, ['cluster', index], 'network-size', found, why)]
  })
}

function tooSmallParts(draft: ClusterDraft, index: number, network: string, size: number): Finding {
  const family = familyOf(network)
  const found = `each node would get a /${size} of ${network}`
  const ends = family === 'ipv4' ? "; IPv4 can't use the first and the last" : ''
  const why = `a node needs an address for its bridge and one for a Pod${ends}`
  const todo = `set ${MASK_SIZE} to at most ${LONGEST_NODE_PREFIX[family]}`
  return finding(draft, ['cluster', index], 'network-size', found, why, todo)
}

interface MaskSize {
  readonly index: number
  readonly key: string
  readonly value: string
}

function maskSizesOf({ options }: ClusterDraft): MaskSize[] {
  const args = options['kube-controller-manager-arg']
  if (!Array.isArray(args)) return []
  return args.flatMap((arg, index) => {
    const [key, value] = argOf(arg) ?? []
    return key?.startsWith(MASK_SIZE) === true && value !== undefined ? [{ index, key, value }] : []
  })
}

/**
 * cmd/kube-controller-manager, setNodeCIDRMaskSizes: a cluster with one family has one flag, a cluster with both
 * families has the other two.
 */
function checkMask({ source }: ClusterDraft, { index, key, value }: MaskSize, isDual: boolean): Finding[] {
  const path = ['k3s', 'kube-controller-manager-arg', index]
  const code = 'node-mask'
  if (!/^[1-9]\d{0,2}$/.test(value) || Number(value) > 128)
    return [
      { source, path, code, found: `${key} is '${value.slice(0, 20)}'`, why: 'it must be a prefix length, such as 24' },
    ]
  if (!isDual || key !== MASK_SIZE) return []
  const why = 'kube-controller-manager exits with it in a cluster with networks of both families'
  return [
    {
      source,
      path,
      code,
      found: `${key} in a cluster of both families`,
      why,
      todo: `use ${MASK_SIZE}-ipv4 and ${MASK_SIZE}-ipv6`,
    },
  ]
}

/**
 * kube-apiserver supports at most 20 bits (cmd/kube-apiserver/app/options, validateClusterIPFlags). Newer ones support
 * more, but a cluster should work with every version that keel knows.
 */
const MOST_BITS = 20
/** pkg/controlplane/apiserver/options, ServiceIPRange. */
const LEAST_ADDRESSES = 8
/** pkg/cli/server: k3s gives this address to DNS. */
const DNS_INDEX = 10

function checkServiceSize(draft: ClusterDraft): Finding[] {
  const hasDns = draft.options['cluster-dns'] !== undefined
  return networksOf(draft.values).service.flatMap((network, index): Finding[] => {
    const bits = familyOf(network) === 'ipv4' ? 32 : 128
    const longest = bits - (hasDns ? 3 : 4)
    const hasRoom = addressIn(network, hasDns ? LEAST_ADDRESSES - 1 : DNS_INDEX) !== undefined
    if (hasRoom && bits - prefixOf(network) <= MOST_BITS) return []
    const why = hasRoom
      ? 'Kubernetes 1.33 exits with a service network of more than 2^20 addresses'
      : hasDns
        ? `kube-apiserver exits with a service network of less than ${LEAST_ADDRESSES} addresses`
        : 'k3s uses the tenth address of the network for DNS, and exits if there is none'
    const found = `${network} is too ${hasRoom ? 'large' : 'small'} for Services`
    return [
      finding(
        draft,
        ['service', index],
        'network-size',
        found,
        why,
        `choose a prefix from /${bits - MOST_BITS} to /${longest}`,
      ),
    ]
  })
}

/** The DNS of the cluster is a Service, so its addresses are in the service network, and no other Service has them. */
export function checkDns(draft: ClusterDraft): Finding[] {
  if (isBroken(draft, 'networks', 'service')) return []
  const { source } = draft
  const written = draft.options['cluster-dns']
  const { service } = networksOf(draft.values)
  return (Array.isArray(written) ? written : []).flatMap((address): Finding[] => {
    const network = service.find((one) => contains(one, parseNodeIp(address)))
    const path = ['k3s', 'cluster-dns']
    const code = 'cluster-dns'
    if (network === undefined) {
      const found = `'${address}' is not in the service network ${service.join(', ')}`
      return [{ source, path, code, found, why: "the cluster's DNS is a Service" }]
    }
    // pkg/registry/core/service/ipallocator: no Service gets the last address of an IPv4 network
    const taken = familyOf(network) === 'ipv4' ? [0, 1, 2 ** (32 - prefixOf(network)) - 1] : [0, 1]
    if (!taken.some((index) => addressIn(network, index) === address)) return []
    const why =
      address === addressIn(network, 0) || address === addressIn(network, 1)
        ? 'the first address is the network itself, and Kubernetes uses the next one for its API'
        : 'Kubernetes gives no Service the last address of an IPv4 network'
    const todo = addressIn(network, DNS_INDEX)
    return [
      {
        source,
        path,
        code,
        found: `'${address}' is taken`,
        why,
        ...(todo === undefined ? {} : { todo: `write '${todo}', or remove the key` }),
      },
    ]
  })
}
