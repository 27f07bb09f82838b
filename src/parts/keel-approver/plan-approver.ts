import type { PartOperation } from '../part-operation.ts'
import type { UnitState } from '../unit-state.ts'
import type { ApproverState } from './approver-state.ts'
import type { PlacedApprover } from './place-approver.ts'

/**
 * Both units are always enabled. They run if the program exists, or comes with this deploy. They restart if a file
 * changes that they read at their start. The token comes first: the approver's unit shows its folder.
 */
export function planApprover(
  { approver, token, isPushed }: PlacedApprover,
  seen: ApproverState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const service = (
    { unit, files }: PlacedApprover['approver'],
    state: UnitState | undefined,
  ): readonly PartOperation[] => {
    const enable: PartOperation[] = state?.enabled === 'enabled' ? [] : [{ op: 'enable-unit', unit }]
    if (!isPushed && seen?.program !== true) return enable
    if (state?.active !== 'active' && state?.active !== 'activating')
      return [...enable, { op: 'run-unit', unit, by: 'start' }]
    return files.some(isNew) ? [...enable, { op: 'run-unit', unit, by: 'restart' }] : enable
  }
  return [...service(token, seen?.token), ...service(approver, seen?.approver)]
}
