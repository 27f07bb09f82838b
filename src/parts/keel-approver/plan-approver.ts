import type { PartOperation } from '../part-operation.ts'
import { planService } from '../plan-service.ts'
import type { ApproverState } from './approver-state.ts'
import type { PlacedApprover } from './place-approver.ts'

/** The token comes first: the approver's unit shows its folder. */
export function planApprover(
  { approver, token, isPushed }: PlacedApprover,
  seen: ApproverState | undefined,
  isNew: (path: string) => boolean,
): readonly PartOperation[] {
  const hasProgram = isPushed || seen?.program === true
  return [
    ...planService({ ...token, hasProgram }, seen?.token, isNew),
    ...planService({ ...approver, hasProgram }, seen?.approver, isNew),
  ]
}
