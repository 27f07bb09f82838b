import type { End } from '../units/end.ts'

/** What systemd says of a unit that it has loaded. Times in milliseconds. */
export interface ShownUnit {
  readonly unit: string
  readonly active: 'active' | 'activating' | 'deactivating' | 'reloading' | 'inactive' | 'failed' | 'unknown'
  readonly sub: string
  /** Absent where the unit has never been started. */
  readonly invocation?: string
  readonly started?: number
  /** Its main process; absent where it has none. */
  readonly pid?: number
  /** Only of a run that has ended. */
  readonly end?: End
  /** Processes and threads in its cgroup. */
  readonly tasks: number
  /** The file has changed since systemd read it. */
  readonly needsReload: boolean
}

/** The question to systemd whose answer `shownUnits` reads: `systemctl show --property=… --timestamp=us+utc 'vks*'`. */
export const PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'Result',
  'InvocationID',
  'ExecMainCode',
  'ExecMainStatus',
  'ExecMainStartTimestamp',
  'ExecMainStartTimestampMonotonic',
  'ExecMainExitTimestamp',
  'ActiveEnterTimestampMonotonic',
  'MainPID',
  'NeedDaemonReload',
  'TasksCurrent',
] as const

const ACTIVE = ['active', 'activating', 'deactivating', 'reloading', 'inactive', 'failed'] as const
const UNIT = /^vks[A-Za-z0-9@:._\\-]{1,252}$/

/** The paragraphs of `systemctl show`. What is no word of systemd's is taken for none. */
export function shownUnits(text: string): ReadonlyMap<string, ShownUnit> {
  const units = text.split(/\n{2,}/).flatMap((paragraph) => {
    const found = new Map(
      paragraph.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    const of = (key: (typeof PROPERTIES)[number]) => found.get(key) ?? ''
    const unit = of('Id')
    return UNIT.test(unit) ? [[unit, shownUnit(unit, of)] as const] : []
  })
  return new Map(units)
}

type Of = (key: (typeof PROPERTIES)[number]) => string

function shownUnit(unit: string, of: Of): ShownUnit {
  const active = ACTIVE.find((one) => one === of('ActiveState')) ?? 'unknown'
  const invocation = /^[0-9a-f]{32}$/.exec(of('InvocationID'))?.[0]
  const started = millisecondsOf(of('ExecMainStartTimestamp'))
  const hasEnded = active === 'failed' || (active === 'active' && of('SubState') === 'exited')
  return {
    unit,
    active,
    sub: /^[a-z-]{1,40}$/.test(of('SubState')) ? of('SubState') : 'unknown',
    ...(invocation === undefined ? {} : { invocation }),
    ...(started === undefined ? {} : { started }),
    ...(numberOf(of('MainPID')) > 0 ? { pid: numberOf(of('MainPID')) } : {}),
    ...(hasEnded ? { end: endOf(of) } : {}),
    // `[not set]` and the largest number of 64 bits mean that nobody counts
    tasks: /^\d{1,9}$/.test(of('TasksCurrent')) ? Number(of('TasksCurrent')) : 0,
    needsReload: of('NeedDaemonReload') === 'yes',
  }
}

/** waitid(2)'s si_code, which systemd shows as `ExecMainCode`. */
const EXITED = 1

function endOf(of: Of): End {
  const [started, finished] = [
    millisecondsOf(of('ExecMainStartTimestamp')),
    millisecondsOf(of('ExecMainExitTimestamp')),
  ]
  const times = { ...(started === undefined ? {} : { started }), ...(finished === undefined ? {} : { finished }) }
  const code = numberOf(of('ExecMainCode'))
  const status = numberOf(of('ExecMainStatus'))
  const begun = numberOf(of('ExecMainStartTimestampMonotonic'))
  const wasActive = numberOf(of('ActiveEnterTimestampMonotonic')) >= begun
  if (begun === 0 || code === 0 || (!wasActive && code === EXITED && isOfSystemd(status)))
    return { exitCode: 128, reason: 'StartError', ...times }
  if (of('Result') === 'oom-kill') return { exitCode: 137, reason: 'OOMKilled', ...times }
  const exitCode = code === EXITED ? status : 128 + status
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error', ...times }
}

/**
 * Statuses of a process that could not execute its program (systemd.exec(5), Process Exit Codes: 203 is no program). The
 * status alone does not tell, because a program may exit with it; nor does it that the unit was never active, because
 * systemd may see the end of a quick program before its beginning.
 */
function isOfSystemd(status: number): boolean {
  return status >= 200 && status <= 245
}

/** Microseconds since the boot have at most 16 digits; 0 for what is no number. */
function numberOf(text: string): number {
  return /^\d{1,16}$/.test(text) ? Number(text) : 0
}

/** `Mon 2025-11-24 16:00:00.123456 UTC`; undefined for anything else, as for the empty text of no time. */
function millisecondsOf(text: string): number | undefined {
  const [, day, time, fraction = ''] =
    /^[A-Z][a-z]{2} (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{3})\d*)? UTC$/.exec(text) ?? []
  const milliseconds = Date.parse(`${day}T${time}${fraction === '' ? '' : `.${fraction}`}Z`)
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}
