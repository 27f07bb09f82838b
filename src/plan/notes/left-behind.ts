import { accessOf } from '../../desired/distribution/access-of.ts'
import { runningSettings } from '../host/running-settings.ts'
import type { HostNote } from '../plan.ts'
import type { ClusterView, SeenHost } from '../view/cluster-view.ts'

/** The form of a Node's name in Kubernetes (RFC 1123). A host may report anything, and keel ignores other names. */
const nodeName = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/

/**
 * Machines that the cluster still has and the inventory does not: a removed or renamed host continues to run. keel
 * notes it as long as its Node or etcd member exists, and does nothing else. Pure.
 */
export function leftBehind({ cluster, remembered }: ClusterView): readonly HostNote[] {
  if (remembered === undefined) return []
  const { at, members } = remembered
  const kubectl = accessOf(cluster).kubectl.join(' ')
  const known = new Set<string>(cluster.hosts.map(({ name }) => name))
  const names = [...new Set([...members.nodes, ...members.etcd])].filter(
    (name) => nodeName.test(name) && !known.has(name),
  )
  return names.toSorted().map((name) => {
    const [isNode, isMember] = [members.nodes.includes(name), members.etcd.includes(name)]
    const what = [...(isNode ? [`Node ${name}`] : []), ...(isMember ? [`etcd member ${name}`] : [])].join(' and ')
    return {
      code: 'left-behind',
      at,
      found: `the cluster has ${what}, but the inventory has no host of that name`,
      why: isMember
        ? 'etcd counts this member for its majority, even while the machine is off'
        : 'a host that you removed from the inventory or renamed still runs k3s, and its Node stays',
      todo: isNode
        ? `restore hosts/${name}; or disable k3s on that machine, then run \`${kubectl} delete node ${name}\` on ${at}`
        : `restore hosts/${name}, and deploy it`,
    }
  })
}

/** Hosts on which k3s has run under another name than the inventory's. Pure. */
export function renamed(hosts: readonly SeenHost[]): readonly HostNote[] {
  return hosts.flatMap(({ host: { name }, facts, rendered }): HostNote[] => {
    const runs = facts.past.server || facts.past.agent ? runningSettings(facts)?.['node-name']?.[0] : undefined
    if (runs === undefined || runs === name || !nodeName.test(runs)) return []
    return [
      {
        code: 'renamed-host',
        at: name,
        found: `k3s ran on this host as Node ${runs}`,
        why: `it would join as a new Node ${name}, and Node ${runs} would remain with its Pods and volumes`,
        todo: `rename hosts/${name} back to hosts/${runs}; or wipe ${rendered.places.data} on it and delete Node ${runs} first`,
      },
    ]
  })
}
