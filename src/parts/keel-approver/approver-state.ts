import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { namedUnitState, type UnitState } from '../unit-state.ts'
import type { PlacedApprover } from './place-approver.ts'

/** What a server says of the keel-approver. */
export interface ApproverState {
  /** Its program is there: without it there is nothing to start. */
  readonly program: boolean
  readonly approver: UnitState
  readonly token: UnitState
}

const word = /^[a-z-]{0,64}$/

export const approverState: PartProbe<PlacedApprover, ApproverState> = {
  isLasting: false,
  shapes: { 'approver.active': word, 'approver.enabled': word, 'token.active': word, 'token.enabled': word },
  units: ({ approver, token }) => [approver.unit, token.unit],
  script: ({ approver, token, program }) => `${namedUnitState.script('approver', approver.unit)}
${namedUnitState.script('token', token.unit)}
${sh`[ ! -f ${program} ] || [ ! -x ${program} ] || printf 'Program=yes\n'`}`,
  parse: (stdout) => ({
    program: /^Program=yes$/m.test(stdout),
    approver: namedUnitState.parse(stdout, 'approver'),
    token: namedUnitState.parse(stdout, 'token'),
  }),
}
