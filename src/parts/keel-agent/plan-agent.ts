import type { PartOperation } from '../part-operation.ts'
import type { AgentState } from './agent-state.ts'
import type { PlacedAgent } from './place-agent.ts'

/**
 * The unit is always enabled. It runs if its program exists, and restarts if a file changes that it reads at its start.
 */
export function planAgent(
  { unit, files }: PlacedAgent,
  seen: AgentState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const enable: PartOperation[] = seen?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
  if (seen?.program !== true) return enable
  if (seen.active !== 'active' && seen.active !== 'activating')
    return [...enable, { op: 'run-unit', unit, by: 'start' }]
  return files.some(isNew) ? [...enable, { op: 'run-unit', unit, by: 'restart' }] : enable
}
