import type { Probe } from '../../model/probe.ts'
import { sh } from '../../templates/shell-quote.ts'
import { type UnitState, unitState } from '../unit-state.ts'

/** What a host says of the keel-agent. */
export interface AgentState extends UnitState {
  /** Its program is there: without it there is nothing to start. */
  readonly program: boolean
}

export interface AgentQuestion {
  readonly unit: string
  readonly program: string
}

export const agentState: Probe<AgentQuestion, AgentState> = {
  name: 'agent',
  script: ({ unit, program }) => `${unitState.script(unit)}
${sh`[ ! -f ${program} ] || [ ! -x ${program} ] || printf 'Program=yes\n'`}`,
  parse: (stdout) => ({ ...unitState.parse(stdout), program: /^Program=yes$/m.test(stdout) }),
}
