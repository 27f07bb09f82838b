import type { PartOperation } from './part-operation.ts'
import type { UnitState } from './unit-state.ts'

interface Planned {
  readonly unit: string
  /** What it reads at its start: it restarts if one of these is new. */
  readonly files: readonly string[]
  /** Its program is there, or comes with this deploy. */
  readonly hasProgram: boolean
}

/** A unit that is always enabled, and that runs if its program is there. */
export function planService(
  { unit, files, hasProgram }: Planned,
  seen: UnitState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const enable: PartOperation[] = seen?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
  if (!hasProgram) return enable
  if (seen?.active !== 'active' && seen?.active !== 'activating')
    return [...enable, { op: 'run-unit', unit, by: 'start' }]
  return files.some(isNew) ? [...enable, { op: 'run-unit', unit, by: 'restart' }] : enable
}
