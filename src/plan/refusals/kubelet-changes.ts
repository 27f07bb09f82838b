import type { Fault } from '../../errors.ts'
import { vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import type { SeenHost } from '../view/cluster-view.ts'

const unitFolder = '/etc/systemd/system/'
const systemdKubelet = `${unitFolder}${vkubeletPaths.unit}`
/** The units of keel's that run a kubelet of the distribution. */
const others = ['k3s.service', 'k3s-agent.service', 'keel-kubeadm.service'].map((unit) => `${unitFolder}${unit}`)

/**
 * A host whose Pods are run by another kind of kubelet than the inventory wants. The new one does not know the containers
 * or units of the old one, so they would run on without an owner, beside the same Pods once more. Pure.
 */
export function kubeletChanges({ host, rendered, facts }: SeenHost): readonly Fault[] {
  const { owned } = facts.generation
  const hadSystemd = owned.includes(systemdKubelet)
  if (!hadSystemd && !others.some((unit) => owned.includes(unit))) return []
  const wantsSystemd = rendered.isSystemdNode === true
  if (hadSystemd === wantsSystemd) return []
  return [
    {
      code: 'kubelet-changes',
      at: host.name,
      found: wantsSystemd
        ? "the host has the kubelet of its distribution, and the inventory has kubelet: 'systemd'"
        : "the host has kubelet: 'systemd', and the inventory has not",
      why: wantsSystemd
        ? 'the containers of its Pods would run on without an owner'
        : 'the units of its Pods would run on without an owner',
      todo: `remove the node (\`keel help topics remove-a-node\`) and add the machine again, or ${wantsSystemd ? 'remove' : 'restore'} \`kubelet\` in hosts/${host.name}`,
    },
  ]
}
