import { isNewContent } from '../../plan/host/new-content.ts'
import type { Operation } from '../../plan/operation.ts'
import type { PlacedAgent } from '../../targets/rendered.ts'
import type { AgentState } from './agent-state.ts'

/** Enabled it is always; it runs where there is a program to run, and starts anew with what it reads at its start. */
export function planAgent(
  { unit, files }: PlacedAgent,
  seen: AgentState | undefined,
  changes: readonly Operation[],
): readonly Operation[] {
  const enable: Operation[] = seen?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
  if (seen?.program !== true) return enable
  if (seen.active !== 'active' && seen.active !== 'activating') return [...enable, { op: 'run-unit', unit, by: 'start' }]
  return files.some((path) => isNewContent(changes, path)) ? [...enable, { op: 'run-unit', unit, by: 'restart' }] : enable
}
