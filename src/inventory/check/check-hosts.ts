import { isIP } from 'node:net'
import { KeelError, plainFault } from '../../errors.ts'
import { contains, familyOf, nameOfFamily } from '../../model/addresses/ip.ts'
import { addressKey } from '../../model/addresses/ssh-address.ts'
import { OSES } from '../../model/cluster.ts'
import { refuseCloudLabel } from '../../model/kubernetes/labels.ts'
import { parseHostName } from '../../model/names.ts'
import type { Finding } from '../definitions.ts'
import { type ClusterDraft, type HostDraft, isBroken, type SecretsDraft } from '../draft.ts'
import { familiesOf, networksOf, osOf, portOf } from '../settings.ts'

/** Checks each host against the cluster, and all hosts against each other. */
export function checkHosts(cluster: ClusterDraft, secrets: SecretsDraft, hosts: readonly HostDraft[]): Finding[] {
  return [
    ...hosts.flatMap((host) => [
      ...checkName(host),
      ...checkOs(host, cluster),
      ...checkManifests(host),
      ...checkNodeIps(host, cluster),
      ...checkOwnAddresses(host, cluster),
      ...checkReach(host, hosts.length),
      ...checkCloudLabels(host, host.values.labels, ['labels'], cluster),
    ]),
    ...checkCloudLabels(cluster, cluster.values.defaults?.labels, ['defaults', 'labels'], cluster),
    ...checkOwnAddresses(cluster, cluster),
    ...checkUnique(cluster, hosts, secrets),
  ]
}

function checkName({ source }: HostDraft): Finding[] {
  try {
    parseHostName(source.name)
    return []
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    const { code, found, why } = error
    return [{ source, path: [], code, found, ...(why === undefined ? {} : { why }), todo: 'rename the folder' }]
  }
}

function checkOs(host: HostDraft, cluster: ClusterDraft): Finding[] {
  const isSaid = osOf(host, cluster) !== undefined || isBroken(host, 'os') || isBroken(cluster, 'defaults', 'os')
  if (isSaid) return []
  return [
    {
      source: host.source,
      path: ['os'],
      code: 'missing',
      found: `missing; allowed: ${OSES.join(', ')}`,
      todo: 'set it here, or for all hosts in `defaults` of hosts/cluster',
    },
  ]
}

function checkManifests({ source, values }: HostDraft): Finding[] {
  if (values.role !== 'agent' || values.manifests === undefined) return []
  return [
    {
      source,
      path: ['manifests'],
      code: 'manifests-agent',
      found: 'an agent with manifests',
      why: 'only servers deploy manifests',
      todo: 'move them to hosts/cluster or to a server',
    },
  ]
}

function checkCloudLabels(
  { source }: HostDraft | ClusterDraft,
  labels: Readonly<Record<string, string>> = {},
  path: readonly string[],
  cluster: ClusterDraft,
): Finding[] {
  if (cluster.options['disable-cloud-controller'] === true || isBroken(cluster, 'k3s')) return []
  return Object.keys(labels).flatMap((key): Finding[] => {
    try {
      refuseCloudLabel(key)
      return []
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      return [{ source, path: [...path, key], part: 'key', ...plainFault(error) }]
    }
  })
}

function checkNodeIps({ source, values }: HostDraft, cluster: ClusterDraft): Finding[] {
  const nodeIps = values.nodeIP
  const known = KINDS.filter((kind) => !isBroken(cluster, 'networks', kind))
  // without a nodeIP, the firewalls of the other nodes know it by the address that SSH uses
  if (nodeIps === undefined) {
    const reached = values.address?.host ?? ''
    const isAddress = isIP(reached) !== 0 && !reached.includes('%')
    return isAddress
      ? checkNodeIp(reached, known, cluster).map((fault) => ({ source, path: ['address'], ...fault }))
      : []
  }
  const findings = nodeIps.flatMap((ip, index): Finding[] =>
    checkNodeIp(ip, known, cluster).map((fault) => ({
      source,
      path: nodeIps.length > 1 ? ['nodeIP', index] : ['nodeIP'],
      ...fault,
    })),
  )
  const families = nodeIps.map(familyOf)
  const wanted = known.length < 2 ? undefined : familiesOf(cluster.values)
  if (wanted !== undefined && families.toSorted().join() !== wanted.toSorted().join()) {
    const found = `${nodeIps.length === 0 ? 'an empty list' : nodeIps.join(', ')}, in a cluster of ${wanted.map(nameOfFamily).join(' and ')}`
    findings.push({
      source,
      path: ['nodeIP'],
      code: 'node-ip-families',
      found,
      why: 'a node needs one address of each family in the cluster network',
    })
  }
  return findings
}

/** Options that name an address of the machine itself. */
const OWN_ADDRESSES = ['node-external-ip', 'advertise-address', 'bind-address']

function checkOwnAddresses({ source, options }: HostDraft | ClusterDraft, cluster: ClusterDraft): Finding[] {
  const known = KINDS.filter((kind) => !isBroken(cluster, 'networks', kind))
  return OWN_ADDRESSES.flatMap((option) =>
    [options[option]]
      .flat()
      .filter((value) => typeof value === 'string' && isIP(value) !== 0)
      .flatMap((value) =>
        checkNodeIp(`${value}`, known, cluster).map((fault) => ({ source, path: ['k3s', option], ...fault })),
      ),
  )
}

const KINDS = ['cluster', 'service'] as const

function checkNodeIp(ip: string, known: readonly (typeof KINDS)[number][], cluster: ClusterDraft) {
  const networks = networksOf(cluster.values)
  return known.flatMap((kind) => {
    const network = networks[kind].find((one) => contains(one, ip))
    if (network === undefined) return []
    const why = kind === 'cluster' ? 'its addresses are for Pods' : 'its addresses are for Services'
    const found = `${ip} is in the ${kind} network ${network}`
    return [{ code: 'node-ip-network', found, why, todo: 'choose another network: `networks` in hosts/cluster' }]
  })
}

/** Other hosts join through the address of a server. An address with a zone is valid on one machine only. */
function checkReach({ source, values }: HostDraft, hosts: number): Finding[] {
  const { address, role, nodeIP = [] } = values
  if (role !== 'server' || hosts < 2 || nodeIP.length > 0 || address?.host.includes('%') !== true) return []
  return [
    {
      source,
      path: ['nodeIP'],
      code: 'node-address',
      found: `no nodeIP, and SSH reaches it at ${address.host}`,
      why: 'the other hosts join through its address, and an address with a zone works only on this machine',
      todo: 'set nodeIP',
    },
  ]
}

interface Claim {
  readonly what: string
  readonly value: string
  readonly owner: string
  readonly finding: Omit<Finding, 'found' | 'why' | 'code'>
}

/** Two hosts with the same name, address or key are one machine, so one of the two files is a mistake. */
function checkUnique(cluster: ClusterDraft, hosts: readonly HostDraft[], secrets: SecretsDraft): Finding[] {
  const claims = [
    ...hosts.flatMap((host) => claimsOfHost(host, cluster)),
    ...Object.entries(secrets.values.admins ?? {}).flatMap(([name, key]) => claimsOfAdmin(secrets, name, key)),
  ]
  const taken = new Map<string, Claim>()
  return claims.flatMap((claim): Finding[] => {
    const key = `${claim.what} ${claim.value}`
    const first = taken.get(key)
    if (first === undefined) {
      taken.set(key, claim)
      return []
    }
    const why =
      claim.what === 'key'
        ? 'a machine with this key could read the secrets of both'
        : 'it must belong to one machine only'
    const shown = claim.what === 'key' ? 'this key' : claim.value
    const label = claim.what === 'node-ip' ? 'node IP' : claim.what
    return [
      { ...claim.finding, code: `same-${claim.what}`, found: `${shown} is also the ${label} of ${first.owner}`, why },
    ]
  })
}

function claimsOfHost({ source, values }: HostDraft, cluster: ClusterDraft): Claim[] {
  const owner = source.subject
  const claims: Claim[] = [{ what: 'name', value: source.name, owner, finding: { source, path: [] } }]
  const { address, nodeIP = [], hostKey } = values
  if (address !== undefined)
    claims.push({
      what: 'address',
      value: addressKey(address.host, portOf(address, cluster.values.defaults)),
      owner,
      finding: { source, path: ['address'] },
    })
  for (const ip of nodeIP) claims.push({ what: 'node-ip', value: ip, owner, finding: { source, path: ['nodeIP'] } })
  if (hostKey !== undefined) claims.push({ what: 'key', value: hostKey, owner, finding: { source, path: ['hostKey'] } })
  return claims
}

function claimsOfAdmin({ source }: SecretsDraft, name: string, key: string): Claim[] {
  const finding = { source, path: ['admins', name] }
  const owner = `admin ${name}`
  return [
    { what: 'name', value: name, owner, finding },
    { what: 'key', value: key, owner, finding },
  ]
}
