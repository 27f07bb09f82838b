import type { Answer } from './answer.ts'
import type { Query, QueryKey } from './query.ts'
import type { Role } from './role.ts'

/** What a route gets of a request that may be answered. */
export interface Request {
  /** What is in the path in place of `UNIT`; empty where the path has none. Somebody else's word. */
  readonly unit: string
  readonly query: Query
}

/** An answer that is longer than what should be in memory, or that has no end. */
export interface Lines {
  /**
   * Each a line of the answer. It is asked for the next one when the client has read the last one.
   * @param signal the client has gone, or the agent ends the answer
   */
  readonly lines: (signal: AbortSignal) => AsyncIterable<object>
}

/** One thing that the agent answers to. */
export interface Route {
  readonly method: 'GET' | 'POST'
  /** Whole, with the version of the API. `UNIT` is in place of any name. */
  readonly path: string
  /** Who may ask. */
  readonly role: Role
  /** What the query may have. Absent: the query does not matter. */
  readonly query?: readonly QueryKey[]
  answer(request: Request): Promise<Answer | Lines> | Answer | Lines
}
