export interface HealthCheck {
  readonly ok: boolean
  /** For people. */
  readonly detail: string
}
