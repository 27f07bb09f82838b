import { serversOf } from '../../model/servers-of.ts'
import { hasOperation } from '../operation.ts'
import type { HostNote, HostPlan } from '../plan.ts'
import { quorumOf, silentNames } from '../refusals/without-hosts.ts'
import { type ClusterView, isOfServer } from '../view/cluster-view.ts'

/**
 * With no server to spare, each restart of one stops the API for a moment. Noted if a selected server does not answer.
 * Pure.
 */
export function noServerToSpare(view: ClusterView, plans: readonly HostPlan[]): readonly HostNote[] {
  if (!view.selected.faults.some((fault) => isOfServer(view.cluster, fault))) return []
  const [off] = serversOf(view.cluster).filter(({ name }) => silentNames(view).includes(name))
  const restarted = plans.find(
    ({ role, operations }) =>
      role === 'server' && hasOperation(operations, 'restart-unit', 'upgrade-node', 'switch-system'),
  )
  const { up, all, majority } = quorumOf(view)
  if (off === undefined || restarted === undefined || up !== majority || all === 1) return []
  return [
    {
      code: 'no-server-to-spare',
      at: restarted.host,
      found: `its k3s restarts while keel cannot reach ${off.name}`,
      why: `etcd needs ${majority} of ${all} servers: the API does not answer until k3s is back`,
      todo: `if that is a problem, start ${off.name} first`,
    },
  ]
}
