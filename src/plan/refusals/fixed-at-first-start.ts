import { wantedSettings } from '../../desired/distribution/distribution.ts'
import type { Fault } from '../../errors.ts'
import { contains, parseCidr } from '../../model/addresses/ip.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Places } from '../../model/distribution/places.ts'
import type { Facts } from '../../probes/facts.ts'
import { runningSettings } from '../host/running-settings.ts'
import type { SeenPlaces } from '../view/cluster-view.ts'
import { fixedByKubeadm } from './fixed-by-kubeadm.ts'
import { type Fixed, fixedFlags } from './fixed-flags.ts'

/**
 * What the inventory wants otherwise than k3s or kubeadm has settled it at the first start: a restart would bring it nowhere, or
 * end the cluster. Each is named once, on the first server that has it. Pure.
 */
export function fixedRefusals(cluster: Cluster, servers: readonly SeenPlaces[]): readonly Fault[] {
  const isKubeadm = cluster.distribution.kind === 'kubeadm'
  const faults = servers.flatMap(({ host, facts, rendered: { places } }) =>
    isKubeadm
      ? otherFoundation(cluster, host, facts)
      : [
          ...otherDatastore(cluster, host, facts),
          ...(facts.past.server ? [...otherFlags(cluster, host, facts), ...otherPodNetwork(cluster, host, facts)] : []),
          ...otherAddress(host, facts, places),
        ],
  )
  const seen = new Set<string>()
  return faults.filter(({ found }) => {
    const isNew = !seen.has(found)
    seen.add(found)
    return isNew
  })
}

/** What the cluster says of itself. Where it says nothing of a setting, keel does not guess. */
function otherFoundation(cluster: Cluster, host: Host, { founded = {} }: Facts): readonly Fault[] {
  const wants = wantedSettings(cluster, host)
  return fixedByKubeadm.flatMap((fixed) => {
    const [is, wanted] = [fixed.read(founded), fixed.read(wants)]
    return is.length === 0 || sameValues(is, wanted) ? [] : [fault(host, fixed, is.join(', '), wanted.join(', '))]
  })
}

function otherFlags(cluster: Cluster, host: Host, facts: Facts): readonly Fault[] {
  const runs = runningSettings(facts)
  if (runs === undefined) return []
  const wants = wantedSettings(cluster, host)
  // k3s's defaults follow the node's own address; where nobody knows that one, what is wanted is no fault
  const address = facts.status?.addresses[0] ?? host.nodeIPs[0] ?? cluster.networks.cluster[0]
  const started = { ...(address === undefined ? {} : { 'node-ip': [address] }), ...runs }
  return fixedFlags.flatMap((fixed) => {
    const [is, wanted] = [fixed.read(started), fixed.read(wants)]
    return sameValues(is, wanted) ? [] : [fault(host, fixed, shown(is), shown(wanted))]
  })
}

/** The Node's own networks say it, too, where k3s has been started with another flag by hand. */
function otherPodNetwork(cluster: Cluster, host: Host, facts: Facts): readonly Fault[] {
  const wanted = cluster.networks.cluster
  const outside = (facts.status?.podCIDRs ?? []).filter((cidr) => !wanted.some((network) => isInside(network, cidr)))
  const runs = runningSettings(facts)?.['cluster-cidr']
  const isSaid = runs !== undefined && !sameValues(runs, wanted)
  const fixed = fixedFlags.find(({ flag }) => flag === 'cluster-cidr')
  if (outside.length === 0 || isSaid || fixed === undefined) return []
  return [fault(host, fixed, `${outside.join(', ')} for this node`, shown(wanted))]
}

function otherDatastore(cluster: Cluster, host: Host, { run, past }: Facts): readonly Fault[] {
  const { datastore } = run
  const wanted = cluster.distribution.kind === 'k3s' ? cluster.distribution.datastore : 'etcd'
  if (datastore === undefined || datastore === wanted || !(past.server || datastore === 'external')) return []
  const converted =
    datastore === 'sqlite'
      ? '; to convert sqlite to etcd, copy server/db and start k3s once with --cluster-init, then keep etcd in the inventory'
      : ''
  return [
    {
      code: 'fixed-at-first-start',
      at: host.name,
      found: `datastore: the cluster runs with ${datastore === 'external' ? 'an external database' : datastore}, the inventory wants ${wanted}`,
      why: 'k3s continues with its existing data, and would move nothing from one to the other',
      todo:
        datastore === 'external'
          ? 'keel supports only etcd and sqlite, so it cannot manage this cluster'
          : `write \`datastore: '${datastore}'\` into hosts/cluster${converted}`,
    },
  ]
}

/** etcd knows a member by its address, and a server that comes with another one is no member. */
function otherAddress(host: Host, facts: Facts, { data }: Places): readonly Fault[] {
  const { run, past, status } = facts
  const is = status?.addresses[0] ?? runningSettings(facts)?.['node-ip']?.[0]
  const wanted = host.nodeIPs[0]
  if (run.datastore !== 'etcd' || !past.server || is === undefined || wanted === undefined || is === wanted) return []
  return [
    {
      code: 'fixed-at-first-start',
      at: host.name,
      found: `node-ip: the server runs with ${is}, the inventory wants ${wanted}`,
      why: 'etcd knows its member by that address, and k3s exits if the member has another one',
      todo: `write \`nodeIP: '${is}'\` into hosts/${host.name}; for another address let the server join again: stop k3s on it, wipe ${data}, deploy`,
    },
  ]
}

function fault({ name }: Host, { flag, key, why }: Fixed, is: string, wanted: string): Fault {
  return {
    code: 'fixed-at-first-start',
    at: name,
    found: `${flag}: the cluster runs with ${is}, the inventory wants ${wanted}`,
    why,
    todo: `set ${key} in hosts/cluster to the value that runs; another value needs a new cluster`,
  }
}

function shown(values: readonly string[]): string {
  return values.length === 0 ? "k3s's default" : values.join(', ')
}

function isInside(network: string, cidr: string): boolean {
  return contains(network, cidr.slice(0, cidr.indexOf('/')))
}

function sameValues(a: readonly string[], b: readonly string[]): boolean {
  return a.map(canonical).join() === b.map(canonical).join()
}

/** One text for equal networks. */
function canonical(value: string): string {
  if (!value.includes('/')) return value
  try {
    return parseCidr(value)
  } catch {
    return value
  }
}
