import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { type UnitState, unitState } from '../unit-state.ts'

/** What a host says of the keel-agent. */
export interface AgentState extends UnitState {
  /** Its program is there: without it there is nothing to start. */
  readonly program: boolean
}

interface AgentQuestion {
  readonly unit: string
  readonly program: string
}

export const agentState: PartProbe<AgentQuestion, AgentState> = {
  isLasting: false,
  shapes: { active: /^[a-z-]{0,64}$/, enabled: /^[a-z-]{0,64}$/ },
  units: ({ unit }) => [unit],
  script: ({ unit, program }) => `${unitState.script(unit)}
${sh`[ ! -f ${program} ] || [ ! -x ${program} ] || printf 'Program=yes\n'`}`,
  parse: (stdout) => ({ ...unitState.parse(stdout), program: /^Program=yes$/m.test(stdout) }),
}
