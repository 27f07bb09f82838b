import { describeFault } from '../errors.ts'
import { describeObjectOperation } from './object-operation.ts'
import { describeOperation } from './operation.ts'
import { type HostPlan, isEmpty, type ObjectsPlan, type Plan } from './plan.ts'

/** A plan as a person reads it: each host that changes with its operations, the cluster's API, then one line that counts. */
export function describePlan(plan: Plan): string {
  const changing = plan.hosts.filter(({ operations }) => operations.length > 0)
  const counted = isEmpty(plan)
    ? `no changes: ${count(plan.hosts.length)} as the inventory says`
    : `${count(changing.length)} would change, ${plan.hosts.length - changing.length} unchanged`
  return [
    ...changing.map(describeHost),
    ...describeObjects(plan.objects),
    ...plan.refusals.map((fault) => `refused: ${describeFault(fault)}`),
    ...plan.notes.map((fault) => `note: ${describeFault(fault)}`),
    counted,
  ].join('\n')
}

function describeHost({ host, role, operations }: HostPlan): string {
  return [`${host} (${role})`, ...operations.map((operation) => `  ${describeOperation(operation)}`)].join('\n')
}

function describeObjects({ operations, through }: ObjectsPlan): readonly string[] {
  if (operations.length === 0) return []
  return [`the cluster's API, through ${through}`, ...operations.map((operation) => `  ${describeObjectOperation(operation)}`)]
}

function count(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
