/** What keel deployed to this host last, as `/v1/generation` tells it. */
export interface GenerationReport {
  /** The name of the generation; on NixOS the path of the system. Absent where keel has deployed nothing. */
  readonly generation?: string
  /** RFC 3339, UTC, by the clock of the host. Absent where an earlier keel deployed it. */
  readonly deployed?: string
  /** The version of keel that deployed it. */
  readonly keel?: string
  /** A deploy changed what Kubernetes reads at its start, and did not restart it. */
  readonly restartPending: boolean
  /** A deploy put files in place, and did not see Kubernetes healthy with them. */
  readonly unconfirmed: boolean
}
