import type { Fault } from '../../errors.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { isNew } from '../../probes/distribution/is-new.ts'
import type { SeenPlaces } from '../view/cluster-view.ts'

/**
 * A server that runs without its data may hold the last copy of the cluster in memory; and k3s ends and starts by
 * itself when its etcd member is removed, before keel could tell it how to join. With kubeadm, a kubelet also runs after
 * a join that was ended half-way; then the unit that joins does not. Pure.
 * @param others whether another server has the cluster's data
 */
export function deletedServerData(
  { host, facts, rendered: { places } }: SeenPlaces,
  others: boolean,
): readonly Fault[] {
  const runs = facts.services.every(({ active }) => active === 'active')
  if (host.role !== 'server' || !runs || !isNew(host, facts)) return []
  const [runner] = ofNode(facts.services).unit.split('.')
  // the API server and etcd of kubeadm are containers, which run on when kubelet is stopped
  const stop = `\`${runner === 'kubelet' ? 'kubeadm reset' : `systemctl stop ${runner}`}\` on the host`
  return [
    {
      code: 'server-data-deleted',
      at: host.name,
      found: `${runner} runs on this host, but its data in ${places.server} was deleted${others ? '' : '; no other server has the data of the cluster'}`,
      why: others
        ? 'it is a member of etcd that can store nothing; it joins again after you have stopped it'
        : 'its memory may be the last copy of the cluster, and a restart would found a new cluster',
      todo: others
        ? `${stop}, then \`keel deploy ${host.name}\``
        : `restore the folder from a backup, or save what you need through the API; for a new cluster: ${stop}, then deploy`,
    },
  ]
}
