import type { Fault } from '../../errors.ts'
import { recordingServer } from '../api/node-record.ts'
import { mayDiffer } from '../api/plan-node.ts'
import { type ClusterView, serversSeen } from '../view/cluster-view.ts'

/**
 * Hosts whose Node has other marks than the inventory's, where no server tells which of them keel may take away. Pure.
 */
export function labelBlind(view: ClusterView): readonly Fault[] {
  if (recordingServer(serversSeen(view)) !== undefined) return []
  return view.selected.seen
    .filter(({ rendered, facts }) => mayDiffer(rendered.node, facts))
    .map(({ host }) => ({
      code: 'label-blind',
      at: host.name,
      found:
        'the labels or taints of its Node differ from the inventory, and no server answers which of them are from keel',
      why: 'keel changes them through the API',
      todo: 'start a server, or wait until its API answers',
    }))
}
