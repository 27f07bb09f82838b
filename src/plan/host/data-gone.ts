import type { Host } from '../../model/cluster.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { vkubeletPaths } from '../../model/systemd-kubelet/paths.ts'
import type { Facts } from '../../probes/facts.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { type Operation, starts } from '../operation.ts'
import { nodeRuns } from './service-state.ts'

/**
 * Somebody deleted a node's data under a k3s that runs: k3s continues with what it has in memory, and joins again only
 * at its next start. Pure.
 * @param operations the others of this host
 */
export function restartWithoutData(
  host: Host,
  { services, isSystemdNode }: Pick<Rendered, 'services' | 'isSystemdNode'>,
  facts: Facts,
  operations: readonly Operation[],
): readonly Operation[] {
  const { past } = facts
  // beside a server, the service of the Node is another one than the server's
  const unit = isSystemdNode === true ? vkubeletPaths.unit : ofNode(services).unit
  const isGone = nodeRuns(facts) && past.noAgentData === true && (host.role === 'agent' || past.server)
  if (!isGone || operations.some((operation) => starts(operation, unit))) return operations
  const others = operations.filter((operation) => operation.op !== 'finish-deploy' && !isRestart(operation, unit))
  return [...others, { op: 'restart-unit', unit, when: 'always', why: 'its data was deleted while it ran' }]
}

function isRestart(operation: Operation, unit: string): boolean {
  return operation.op === 'restart-unit' && operation.unit === unit
}
