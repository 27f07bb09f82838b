import { type HostOperation, hostOperations, type Operation } from '../../plan/operation.ts'
import type { ChangedValues } from './stage-files.ts'

/** What a deploy does on the host itself: k3s does not restart for a secret if the host already had its value. */
export function operationsOnHost(operations: readonly Operation[], changed: ChangedValues): readonly HostOperation[] {
  return hostOperations(operations).filter(
    (operation) => operation.op !== 'restart-unit' || operation.when === 'always' || changed.size > 0,
  )
}
