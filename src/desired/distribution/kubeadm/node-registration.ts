import type { Host, Json } from '../../../model/cluster.ts'
import type { Kubeadm } from '../../../model/distribution/distribution.ts'
import { minorOf } from '../../../model/k3s/k3s-version.ts'

const containerdSocket = 'unix:///run/containerd/containerd.sock'

/**
 * From this minor of 1.x on, a kubelet refuses a host with cgroup v1 unless it is told otherwise. keel lets such a host
 * in, as earlier versions do: upstream has deprecated it and not removed it.
 */
const refusesCgroupV1 = 35

/** How a host becomes a Node: its name, address, labels and taints are those of the inventory. */
export function nodeRegistration({ version }: Kubeadm, host: Host): Json {
  const isToldOfCgroups = (minorOf(version) ?? 0) >= refusesCgroupV1
  const { nodeIPs, labels } = host
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
  const kubeletArgs = [
    ...(nodeIPs.length === 0 ? [] : [{ name: 'node-ip', value: nodeIPs.join(',') }]),
    ...(pairs.length === 0 ? [] : [{ name: 'node-labels', value: pairs.join(',') }]),
    ...(isToldOfCgroups ? [{ name: 'fail-cgroupv1', value: 'false' }] : []),
  ]
  return {
    name: host.name,
    criSocket: containerdSocket,
    // always there: without it kubeadm gives a control plane a taint that the inventory does not have
    taints: host.taints.map(taintValue),
    ...(kubeletArgs.length === 0 ? {} : { kubeletExtraArgs: kubeletArgs }),
  }
}

/** `key=value:Effect` or `key:Effect`, which the model has checked. */
function taintValue(text: string): Json {
  const [, key = '', value, effect = ''] = /^([^=:]+)(?:=([^:]*))?:(.*)$/.exec(text) ?? []
  return { key, ...(value === undefined ? {} : { value }), effect }
}
