import type { PartOperation } from '../part-operation.ts'
import { planService } from '../plan-service.ts'
import type { PlacedUpdates } from './place-updates.ts'
import type { UpdatesState } from './updates-state.ts'

/** The timer enabled, and waiting with the times that are on the disk. */
export function planUpdates(
  { timer }: PlacedUpdates,
  seen: UpdatesState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  if (timer === undefined) return []
  return planService({ unit: timer.unit, files: [timer.path], hasProgram: true }, seen?.timer, isNew)
}
