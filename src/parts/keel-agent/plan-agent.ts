import type { CertifyOperation, PartOperation } from '../part-operation.ts'
import type { AgentState } from './agent-state.ts'
import { whyCertify } from './first-certificate.ts'
import type { PlacedAgent } from './place-agent.ts'

/**
 * The unit is always enabled. It runs if its program exists, or comes with this deploy. It restarts if a file changes
 * that it reads at its start.
 */
export function planAgent(
  { unit, files, isPushed }: PlacedAgent,
  seen: AgentState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const enable: PartOperation[] = seen?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
  if (!isPushed && seen?.program !== true) return enable
  if (seen?.active !== 'active' && seen?.active !== 'activating')
    return [...enable, { op: 'run-unit', unit, by: 'start' }]
  return files.some(isNew) ? [...enable, { op: 'run-unit', unit, by: 'restart' }] : enable
}

/** Without its first certificate nobody can ask the agent before Kubernetes is there. */
export function certifyAgent({ unit, first }: PlacedAgent, seen: AgentState | undefined): readonly CertifyOperation[] {
  const why = first === undefined ? undefined : whyCertify(first, seen?.first)
  return why === undefined ? [] : [{ op: 'certify', unit, why }]
}
