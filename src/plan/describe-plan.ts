import { describeFault, type Fault } from '../errors.ts'
import { type Look, linesOf, plainText, type StyledLine, type StyledText, styled } from '../model/text/styled-text.ts'
import { describeObjectOperation } from './describe-object-operation.ts'
import { describeOperation } from './describe-operation.ts'
import { describeSummary } from './describe-summary.ts'
import { markOf, markOfObject, markSpan } from './mark.ts'
import type { Operation } from './operation.ts'
import type { HostPlan, ObjectsPlan, Plan } from './plan.ts'

export interface Wording {
  /** The command that does what the plan says; absent if it follows anyway. */
  readonly deploy?: string
  /** Hosts that have been shown already, by their text without looks. */
  readonly shown?: ReadonlySet<string>
  readonly diffs?: FileDiffs
}

/** By host and path: the lines that show how the content of a file differs. */
export type FileDiffs = ReadonlyMap<string, ReadonlyMap<string, StyledText>>

/**
 * A plan as a person reads it: each host that changes with its operations, the cluster's API, then a summary. Empty if
 * no host answered.
 */
export function describePlan(plan: Plan, { deploy, shown = new Set(), diffs }: Wording = {}): StyledText {
  const above = [
    ...changing(plan).flatMap((host) =>
      shown.has(plainText(describeHost(host)))
        ? describeHost(withDiffs(host, diffs), diffs)
        : describeHost(host, diffs),
    ),
    ...describeObjects(plan.objects),
    ...plan.refusals.flatMap((fault) => describeRemark('refused', 'fault', fault)),
    ...plan.notes.flatMap((fault) => describeRemark('note', 'warning', fault)),
  ]
  const summary = describeSummary(plan, deploy)
  const isBelow = (above.length > 0 || shown.size > 0) && summary.length > 0
  return [...above, ...(isBelow ? [['']] : []), ...summary]
}

/** Each host that changes. */
export function describeHosts(plan: Plan): readonly StyledText[] {
  return changing(plan).map((host) => describeHost(host))
}

function changing({ hosts }: Plan): readonly HostPlan[] {
  return hosts.filter(({ operations }) => operations.length > 0)
}

/** Of a host that has been shown already only the operations with a diff, which were shown without. */
function withDiffs(host: HostPlan, diffs: FileDiffs | undefined): HostPlan {
  const operations = host.operations.filter((one) => diffOf(one, diffs?.get(host.host)) !== undefined)
  return { ...host, operations }
}

function diffOf(operation: Operation, diffs: ReadonlyMap<string, StyledText> | undefined): StyledText | undefined {
  return operation.op === 'write-file' ? diffs?.get(operation.path) : undefined
}

/** Nothing for a host without operations. */
function describeHost({ host, role, operations }: HostPlan, diffs?: FileDiffs): StyledText {
  if (operations.length === 0) return []
  const lines = operations.flatMap((operation) => [
    ...describeMarked(operation),
    ...(diffOf(operation, diffs?.get(host)) ?? []).map((line): StyledLine => ['      ', ...line]),
  ])
  return [[styled('host', host), ` (${role})`], ...lines]
}

/** Lines below the first are those of a built system, which have their own marks. */
function describeMarked(operation: Operation): StyledText {
  const [first = '', ...more] = describeOperation(operation).split('\n')
  return [['  ', markSpan(markOf(operation)), ` ${first}`], ...more.map(describeChange)]
}

function describeChange(line: string): StyledLine {
  const sign = /^ *([+-]) /.exec(line)?.[1]
  return ['  ', sign === undefined ? line : styled(sign === '+' ? 'added' : 'removed', line)]
}

function describeObjects({ operations, through }: ObjectsPlan): StyledText {
  if (operations.length === 0) return []
  return [
    [styled('host', "the cluster's API"), `, through ${through}`],
    ...operations.map(
      (operation): StyledLine => ['  ', markSpan(markOfObject(operation)), ` ${describeObjectOperation(operation)}`],
    ),
  ]
}

function describeRemark(what: string, look: Look, fault: Fault): StyledText {
  const [first = [], ...more] = linesOf(describeFault(fault))
  return [[styled(look, `${what}:`), ' ', ...first], ...more]
}
