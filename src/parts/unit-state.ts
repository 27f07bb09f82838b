import type { Probe } from '../model/probe.ts'
import { sh } from '../templates/shell-quote.ts'

export interface UnitState {
  /** `active`, `activating`, `failed`, `inactive` … */
  readonly active: string
  /** `enabled`, `disabled`, `masked` …; empty where there is no such unit. */
  readonly enabled: string
  /** systemd has read an older text of the unit than the one on disk. */
  readonly needsReload: boolean
}

/** How systemd sees one unit. */
export const unitState: Probe<string, UnitState> = {
  name: 'unit-state',
  script: (unit) => sh`systemctl show --property=ActiveState,UnitFileState,NeedDaemonReload -- ${unit}`,
  parse: (stdout) => {
    const one = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
    return { active: one('ActiveState'), enabled: one('UnitFileState'), needsReload: one('NeedDaemonReload') === 'yes' }
  },
}
