import { type HostOperation, hostOperations } from '../../plan/operation.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { FilesRendered } from '../../targets/rendered.ts'
import type { ChangedValues } from './stage-files.ts'

/** What a deploy does on the host itself: a service does not restart for a secret if the host already had its value. */
export function operationsOnHost(
  { operations }: HostPlan,
  { credentials }: FilesRendered,
  changed: ChangedValues,
): readonly HostOperation[] {
  const hasNewValue = (unit: string) =>
    credentials.some(({ id, readAtStartBy }) => readAtStartBy === unit && changed.has(id))
  return hostOperations(operations).filter(
    (operation) => operation.op !== 'restart-unit' || operation.when === 'always' || hasNewValue(operation.unit),
  )
}
