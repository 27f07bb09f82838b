import type { Fault } from '../../errors.ts'
import { type ClusterView, type SeenHost, serversSeen } from '../view/cluster-view.ts'
import { canChangeKubelet, type KubeletKind, leftKubelet, runningServer } from '../view/kubelet-change.ts'

/**
 * A host whose Pods are run by another kind of kubelet than the inventory wants. The new one does not know the containers
 * or units of the old one, so they would run on without an owner, beside the same Pods once more. With `--drain` a deploy
 * ends them first. Pure.
 */
export function kubeletChanges(view: ClusterView, one: SeenHost): readonly Fault[] {
  const { host } = one
  const from = leftKubelet(one)
  if (from === undefined) return []
  const keep = `${from === 'systemd' ? 'restore' : 'remove'} \`kubelet\` in hosts/${host.name}`
  const fault = { code: 'kubelet-changes', at: host.name, found: found[from] }
  if (!canChangeKubelet(one))
    return [
      {
        ...fault,
        why: `${why[from]}, and \`--drain\` is for agents of k3s: its Node has to be deleted, and ${host.role === 'server' ? "with it goes a server's etcd member" : 'a worker of kubeadm joins anew'}`,
        todo: `remove the node (\`keel help topics remove-a-node\`) and add the machine again, or ${keep}`,
      },
    ]
  if (view.drain !== true)
    return [{ ...fault, why: why[from], todo: `run \`keel deploy ${host.name} --drain\`, or ${keep}` }]
  if (runningServer(serversSeen(view)) !== undefined) return []
  return [
    {
      ...fault,
      why: 'keel drains its Node through a server, and no server runs',
      todo: `look at the servers (\`keel plan --role server\`), then run \`keel deploy ${host.name} --drain\``,
    },
  ]
}

const found: Readonly<Record<KubeletKind, string>> = {
  distribution: "the host has the kubelet of its distribution, and the inventory has kubelet: 'systemd'",
  systemd: "the host has kubelet: 'systemd', and the inventory has not",
}

const why: Readonly<Record<KubeletKind, string>> = {
  distribution: 'the containers of its Pods would run on without an owner',
  systemd: 'the units of its Pods would run on without an owner',
}
