import type { Fault } from '../../errors.ts'
import { recordingServer } from '../api/node-record.ts'
import { mayDiffer } from '../api/plan-node.ts'
import { type ClusterView, serversSeen } from '../view/cluster-view.ts'

/** Hosts whose Node has other marks than the inventory's, where no server tells which of them keel may take away. Pure. */
export function labelBlind(view: ClusterView): readonly Fault[] {
  if (recordingServer(serversSeen(view)) !== undefined) return []
  return view.selected.seen
    .filter(({ rendered, facts }) => mayDiffer(rendered.node, facts))
    .map(({ host }) => ({
      code: 'label-blind',
      at: host.name,
      found: 'its Node has other labels or taints than the inventory says, and no server tells which of them are keel’s',
      why: 'they are changed through the API',
      todo: 'bring a server up, or wait until its API answers',
    }))
}
