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
}

/**
 * A plan as a person reads it: each host that changes with its operations, the cluster's API, then a summary. Empty if
 * no host answered.
 */
export function describePlan(plan: Plan, { deploy, shown = new Set() }: Wording = {}): StyledText {
  const above = [
    ...describeHosts(plan)
      .filter((text) => !shown.has(plainText(text)))
      .flat(),
    ...describeObjects(plan.objects),
    ...plan.refusals.flatMap((fault) => describeRemark('refused', 'fault', fault)),
    ...plan.notes.flatMap((fault) => describeRemark('note', 'warning', fault)),
  ]
  const summary = describeSummary(plan, deploy)
  const isBelow = (above.length > 0 || shown.size > 0) && summary.length > 0
  return [...above, ...(isBelow ? [['']] : []), ...summary]
}

/** Each host that changes. */
export function describeHosts({ hosts }: Plan): readonly StyledText[] {
  return hosts.filter(({ operations }) => operations.length > 0).map(describeHost)
}

function describeHost({ host, role, operations }: HostPlan): StyledText {
  return [[styled('host', host), ` (${role})`], ...operations.flatMap(describeMarked)]
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
