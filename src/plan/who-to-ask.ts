import type { Cluster, Host } from '../model/cluster.ts'
import { isNew } from '../probes/distribution/is-new.ts'
import { recordingServer } from './api/node-record.ts'
import { marksOf, mayDiffer } from './api/plan-node.ts'
import { versionsOf } from './host/plan-upgrade.ts'
import { asRunning } from './host/running-version.ts'
import { changesMinor } from './refusals/version-refusals.ts'
import { type Answers, isOfServer, isServer, type SeenHost } from './view/cluster-view.ts'
import { leftKubelet } from './view/kubelet-change.ts'

/**
 * The hosts out of a deploy that have to be asked, too: servers, where a selected host is new to the cluster, gets
 * another minor version (with kubeadm: another version) or other labels, or is a server that does not answer; and every host with a firewall, where one
 * is new, as it has to be let in. A server has to drain the Node of a host that changes its kind of kubelet, and uncordons
 * one that an interrupted deploy has cordoned. It may lack a record of an agent whose deploy did not come to its end. Pure.
 * @param selected the hosts of the deploy, whether they answered or not
 * @param answers what they answered
 */
export function whoToAsk(cluster: Cluster, selected: readonly Host[], { seen, faults }: Answers): readonly Host[] {
  const hasNew = seen.some(({ host, facts }) => isNew(host, facts))
  const isRelabelled = seen.some(({ rendered, facts }) => mayDiffer(rendered.node, facts))
  const needsServers =
    hasNew ||
    (isRelabelled && recordingServer(seen) === undefined) ||
    faults.some((fault) => isOfServer(cluster, fault)) ||
    seen.some((one) => leftKubelet(one) !== undefined || one.facts.node?.isCordoned === true) ||
    seen.some(isUnrecorded) ||
    seen.some((one) => changesMinor(cluster, asRunning(one).facts) || isUpgraded(cluster, one))
  const others = cluster.hosts.filter((host) => host.hostKey !== undefined && !selected.includes(host))
  return [
    ...others.filter((host) => needsServers && isServer({ host })),
    ...others.filter((host) => hasNew && !isServer({ host }) && host.firewall !== false),
  ]
}

function isUnrecorded({ host, rendered, facts }: SeenHost): boolean {
  const { labels, taints } = marksOf(rendered.node)
  return host.role === 'agent' && facts.generation.unconfirmed && labels.length + taints.length > 0
}

/** A worker of kubeadm comes after the servers, with each patch. */
function isUpgraded({ distribution }: Cluster, { host, facts }: SeenHost): boolean {
  if (distribution.kind !== 'kubeadm' || isNew(host, facts)) return false
  return versionsOf(facts).some((version) => version !== distribution.version)
}
