/** A line of `/v1/events`: something that the agent has noticed. */
export interface AgentEvent {
  /** Counts from 1 since the agent was started. */
  readonly id: number
  /** RFC 3339, UTC. */
  readonly time: string
  readonly kind: EventKind
  /** What it is about: a unit, where a disk is mounted, a certificate, a path. */
  readonly about: string
  /** For people. */
  readonly message: string
}

export type EventKind =
  | 'agent-started'
  | 'unit-failed'
  | 'unit-recovered'
  | 'disk-low'
  | 'disk-recovered'
  | 'certificate-renewed'
  | 'drift-found'
  | 'drift-gone'
