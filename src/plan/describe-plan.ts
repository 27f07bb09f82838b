import { describeFault } from '../errors.ts'
import { describeObjectOperation } from './describe-object-operation.ts'
import { describeOperation } from './describe-operation.ts'
import { type HostPlan, isEmpty, type ObjectsPlan, type Plan } from './plan.ts'

export interface Wording {
  /** The command that does what the plan says. */
  readonly deploy?: string
  /** Hosts that have been shown already, by their text. */
  readonly shown?: ReadonlySet<string>
}

/**
 * A plan as a person reads it: each host that changes with its operations, the cluster's API, then one line that
 * counts.
 */
export function describePlan(plan: Plan, { deploy = 'keel deploy', shown = new Set() }: Wording = {}): string {
  return [
    ...describeHosts(plan).filter((text) => !shown.has(text)),
    ...describeObjects(plan.objects),
    ...plan.refusals.map((fault) => `refused: ${describeFault(fault)}`),
    ...plan.notes.map((fault) => `note: ${describeFault(fault)}`),
    ...summary(plan, deploy),
  ].join('\n')
}

/** Each host that changes. */
export function describeHosts({ hosts }: Plan): readonly string[] {
  return hosts.filter(({ operations }) => operations.length > 0).map(describeHost)
}

function summary(plan: Plan, deploy: string): readonly string[] {
  const { hosts, objects, refusals, unreachable = [] } = plan
  if (hosts.length === 0) return []
  const silent = unreachable.length === 0 ? '' : `, ${unreachable.length} not reached`
  if (isEmpty(plan))
    return [
      `No changes: ${hosts.length === 1 ? '1 host matches' : `${all(hosts.length, silent)} match`} the inventory${silent}.`,
    ]
  const changing = hosts.filter(({ operations }) => operations.length > 0).length
  const api = objects.operations.length === 0 ? '' : ", and objects in the cluster's API"
  const counted = `Plan: ${count(changing)} to change${api}, ${hosts.length - changing} unchanged${silent}.`
  return [
    `${counted} ${refusals.length === 0 ? `Run ${deploy} to apply.` : 'Deploy refuses it: fix what is refused above.'}`,
  ]
}

function all(hosts: number, silent: string): string {
  return silent === '' ? `all ${count(hosts)}` : count(hosts)
}

function describeHost({ host, role, operations }: HostPlan): string {
  return [`${host} (${role})`, ...operations.map((operation) => `  ${describeOperation(operation)}`)].join('\n')
}

function describeObjects({ operations, through }: ObjectsPlan): readonly string[] {
  if (operations.length === 0) return []
  return [
    `the cluster's API, through ${through}`,
    ...operations.map((operation) => `  ${describeObjectOperation(operation)}`),
  ]
}

function count(hosts: number): string {
  return hosts === 1 ? '1 host' : `${hosts} hosts`
}
