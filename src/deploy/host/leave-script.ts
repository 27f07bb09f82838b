import type { OperationOf } from '../../plan/operation.ts'
import type { Rendered } from '../../targets/rendered.ts'
import leaveFunctions from '../../templates/host/leave-kubelet.sh'
import { sh } from '../../templates/shell-quote.ts'
import { noteSeen, refuseUnstaged, type Staging, scriptHead } from './host-script.ts'

/**
 * Ends the kubelet that a host leaves, with all Pods that are there, and removes what it has stored. It may run again
 * after an interruption. What the deploy has staged stays valid.
 */
export function leaveScript(
  { from }: OperationOf<'leave-kubelet'>,
  { places }: Pick<Rendered, 'places'>,
  staging: Staging,
): string {
  return [
    scriptHead(),
    leaveFunctions,
    refuseUnstaged(staging),
    from === 'systemd' ? 'leave_vkubelet' : sh`leave_agent ${places.data}`,
    noteSeen(staging),
  ].join('\n')
}
