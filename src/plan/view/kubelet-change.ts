import { vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import { nodeRuns } from '../host/service-state.ts'
import { type ClusterView, type SeenHost, serversSeen } from './cluster-view.ts'

/** Whose kubelet runs the Pods of a host. */
export type KubeletKind = 'distribution' | 'systemd'

const unitFolder = '/etc/systemd/system/'
const systemdKubelet = `${unitFolder}${vkubeletPaths.unit}`
/** The units of keel's that run a kubelet of the distribution. */
const others = ['k3s.service', 'k3s-agent.service', 'keel-kubeadm.service'].map((unit) => `${unitFolder}${unit}`)

/** The kubelet that keel has deployed on a host, where the inventory wants the other kind. Pure. */
export function leftKubelet({ rendered, facts }: SeenHost): KubeletKind | undefined {
  const { owned } = facts.generation
  const hadSystemd = owned.includes(systemdKubelet)
  if (!hadSystemd && !others.some((unit) => owned.includes(unit))) return undefined
  if (hadSystemd === (rendered.isSystemdNode === true)) return undefined
  return hadSystemd ? 'systemd' : 'distribution'
}

/**
 * Whether a deploy can bring a host from one kind of kubelet to the other. The Node has to be deleted, because a kubelet
 * may set its taints only when it registers. With the Node of a server, k3s would remove its etcd member.
 */
export function canChangeKubelet({ host, rendered }: SeenHost): boolean {
  return host.role === 'agent' && rendered.distribution === 'k3s'
}

/** A server through whose API things can be changed. */
export function runningServer(servers: readonly SeenHost[]): SeenHost | undefined {
  return servers.find(({ facts }) => facts.past.server && nodeRuns(facts))
}

/**
 * The server that uncordons the Node of a host, where an interrupted deploy had cordoned it to change its kind of kubelet,
 * and the inventory does not want that any more. Pure.
 */
export function uncordonThrough(view: ClusterView, one: SeenHost) {
  if (one.facts.node?.isCordoned !== true || leftKubelet(one) !== undefined) return undefined
  return runningServer(serversSeen(view))?.host.name
}

/** What a deploy with `--drain` does first on a host: the kubelet that it leaves, and the server that drains the Node. */
export function kubeletToLeave(view: ClusterView, one: SeenHost) {
  const from = leftKubelet(one)
  const through = runningServer(serversSeen(view))?.host.name
  if (view.drain !== true || from === undefined || through === undefined || !canChangeKubelet(one)) return undefined
  return { from, through }
}
