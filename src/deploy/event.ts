import type { Fault } from '../errors.ts'
import type { ObjectOperation } from '../plan/object-operation.ts'
import type { Operation } from '../plan/operation.ts'
import type { HostNote } from '../plan/plan.ts'

/**
 * What has happened during a deploy, emitted afterwards; only `phase` announces what begins. Only ui/ turns it into
 * text.
 */
export type Event =
  /** `sends`: whether anything is sent in this phase; absent where something is. */
  | { readonly event: 'phase'; readonly host: string; readonly phase: Phase; readonly sends?: boolean }
  /**
   * Whether k3s was started anew, seen when the host is healthy. `stored`: secrets that were stored again with the
   * value they had.
   */
  | {
      readonly event: 'k3s'
      readonly host: string
      readonly did: 'started' | 'restarted' | 'not-restarted'
      readonly stored: readonly string[]
    }
  | { readonly event: 'operation'; readonly host: string; readonly operation: Operation }
  /** `host`: the server through whose API. */
  | { readonly event: 'object'; readonly host: string; readonly operation: ObjectOperation }
  | { readonly event: 'progress'; readonly host: string; readonly text: string }
  | { readonly event: 'note'; readonly host: string; readonly note: HostNote }
  | { readonly event: 'done'; readonly host: string; readonly changed: boolean; readonly seconds: number }
  | { readonly event: 'failed'; readonly host: string; readonly fault: Fault }
  | { readonly event: 'not-switched'; readonly host: string; readonly because: string }
  /** The host did not answer, and the others were deployed without it. */
  | { readonly event: 'behind'; readonly host: string; readonly fault: Fault }

/** The phases of a host's deploy, in their order. */
export type Phase = 'stage' | 'staged' | 'activate' | 'verify'

/** How much of what is pushed to a host its connection has taken. Often, so this is no event. */
export interface Sent {
  readonly host: string
  /** Bytes. */
  readonly sent: number
  readonly total: number
}

export type Emit = (event: Event) => void
