import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import { type UnitState, unitState } from '../unit-state.ts'
import { type FirstPair, firstPair } from './first-certificate.ts'

/** What a host says of the keel-agent. */
export interface AgentState extends UnitState {
  /** Its program is there: without it there is nothing to start. */
  readonly program: boolean
  /** Its first certificate with the key; absent where one of the files is not there. */
  readonly first?: FirstPair
}

interface AgentQuestion {
  readonly unit: string
  readonly program: string
}

export const agentState: PartProbe<AgentQuestion, AgentState> = {
  isLasting: false,
  shapes: { active: /^[a-z-]{0,64}$/, enabled: /^[a-z-]{0,64}$/, ...firstPair.shapes },
  units: ({ unit }) => [unit],
  script: ({ unit, program }) => `${unitState.script(unit)}
${sh`[ ! -f ${program} ] || [ ! -x ${program} ] || printf 'Program=yes\n'`}
${firstPair.script()}`,
  parse(stdout) {
    const first = firstPair.parse(stdout)
    return {
      ...unitState.parse(stdout),
      program: /^Program=yes$/m.test(stdout),
      ...(first === undefined ? {} : { first }),
    }
  },
}
