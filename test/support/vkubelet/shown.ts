/** A paragraph of `systemctl show --timestamp=us+utc`, as systemd 252 prints it for a unit that runs. */
export function shown(settings: Readonly<Record<string, string>> = {}): string {
  return Object.entries({
    Id: 'vks.default.uptimed.uptimed.service',
    LoadState: 'loaded',
    ActiveState: 'active',
    SubState: 'running',
    Result: 'success',
    InvocationID: 'a'.repeat(32),
    ExecMainCode: '0',
    ExecMainStatus: '0',
    ExecMainStartTimestamp: 'Mon 2026-11-30 08:00:00.250000 UTC',
    ExecMainStartTimestampMonotonic: '1000000',
    ExecMainExitTimestamp: '',
    ActiveEnterTimestampMonotonic: '1000100',
    NeedDaemonReload: 'no',
    TasksCurrent: '3',
    ...settings,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/** The same of one that has ended. @param code CLD_EXITED (1), CLD_KILLED (2) or CLD_DUMPED (3) */
export function shownEnded(code: number, status: number, settings: Readonly<Record<string, string>> = {}): string {
  const isGood = code === 1 && status === 0
  return shown({
    ActiveState: isGood ? 'active' : 'failed',
    SubState: isGood ? 'exited' : 'failed',
    Result: isGood ? 'success' : code === 1 ? 'exit-code' : 'signal',
    ExecMainCode: `${code}`,
    ExecMainStatus: `${status}`,
    ExecMainExitTimestamp: 'Mon 2026-11-30 08:00:05.000000 UTC',
    TasksCurrent: '[not set]',
    ...settings,
  })
}
