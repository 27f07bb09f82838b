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

/**
 * Bash that asks systemd about some units, all at once, because starting systemctl takes longer than an answer. After
 * it, `unit_state UNIT PROPERTY…` prints what systemd said, as `PROPERTY=value`, with `$prefix` before it. systemctl
 * prints a paragraph for each unit, in the order of its arguments.
 */
export function askedUnits(units: readonly string[]): string {
  const ask = sh`for unit in ${units}; do
  while IFS= read -r line && [ -n "$line" ]; do unit_states["$unit \${line%%=*}"]=\${line#*=}; done
done < <(systemctl show --property=ActiveState,UnitFileState,NeedDaemonReload -- ${units})`
  return `declare -A unit_states=()
unit_state() { for property in "\${@:2}"; do printf '%s=%s\\n' "\${prefix-}$property" "\${unit_states["$1 $property"]-}"; done; }
${units.length === 0 ? '' : ask}`
}

/** How systemd sees one unit, of those in `askedUnits`. */
export const unitState: Probe<string, UnitState> = {
  name: 'unit-state',
  script: (unit) => sh`unit_state ${unit} ActiveState UnitFileState NeedDaemonReload`,
  parse: (stdout) => stateIn(stdout, ''),
}

/** The same of one of several units. @param name a word of a probe's own, with which their answers begin */
export const namedUnitState = {
  script: (name: string, unit: string) => `prefix=${name}. ${unitState.script(unit)}`,
  parse: (stdout: string, name: string) => stateIn(stdout, `${name}\\.`),
}

/** @param prefix in a regular expression */
function stateIn(stdout: string, prefix: string): UnitState {
  const one = (property: string) => new RegExp(`^${prefix}${property}=(.*)$`, 'm').exec(stdout)?.[1] ?? ''
  return { active: one('ActiveState'), enabled: one('UnitFileState'), needsReload: one('NeedDaemonReload') === 'yes' }
}
