/**
 * Units of the host, as `/v1/services` tells them: those that keel placed, some of the system, and every unit that has
 * failed.
 */
export interface ServicesReport {
  readonly services: readonly ServiceReport[]
}

export interface ServiceReport {
  readonly unit: string
  /** systemctl(1), ActiveState: `active`, `inactive`, `failed`, `activating`, `deactivating`, `reloading`. */
  readonly active: string
  /** systemctl(1), SubState: `running`, `exited`, `dead`, … */
  readonly sub: string
  /** systemctl(1), UnitFileState: `enabled`, `static`, …; empty where systemd has none. */
  readonly enabled: string
  /** RFC 3339, UTC: when `active` changed last. Absent where it never did since the boot. */
  readonly since?: string
  /** How often systemd has restarted it by itself since somebody started it. */
  readonly restarts: number
  /** systemd.service(5), Result: `success`, `exit-code`, `oom-kill`, … */
  readonly result: string
  /** `/v1/services/UNIT/journal` has its journal. */
  readonly journal: boolean
  /** An operator may restart it. */
  readonly restart: boolean
}
