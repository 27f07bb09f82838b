import { sh } from '../../templates/shell-quote.ts'
import type { PartProbe } from '../part.ts'
import type { UnitState } from '../unit-state.ts'
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
  script: ({ approver, token, program }) => sh`
prefix=approver. unit_state ${approver.unit} ActiveState UnitFileState NeedDaemonReload
prefix=token. unit_state ${token.unit} ActiveState UnitFileState NeedDaemonReload
[ ! -f ${program} ] || [ ! -x ${program} ] || printf 'Program=yes\n'`,
  parse: (stdout) => {
    const one = (name: string) =>
      stdout
        .split('\n')
        .find((line) => line.startsWith(`${name}=`))
        ?.slice(name.length + 1) ?? ''
    const unit = (name: string): UnitState => ({
      active: one(`${name}.ActiveState`),
      enabled: one(`${name}.UnitFileState`),
      needsReload: one(`${name}.NeedDaemonReload`) === 'yes',
    })
    return { program: one('Program') === 'yes', approver: unit('approver'), token: unit('token') }
  },
}
