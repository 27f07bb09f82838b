/** The name of a service in systemd. */
export type UnitName = `${string}.service`
