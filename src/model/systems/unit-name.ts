/** A service as systemd names it. */
export type UnitName = `${string}.service`
