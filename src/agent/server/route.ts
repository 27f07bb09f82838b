import type { Answer } from './answer.ts'
import type { Role } from './role.ts'

/** One thing that the agent answers to. */
export interface Route {
  readonly method: 'GET'
  /** Whole, with the version of the API. */
  readonly path: string
  /** Who may ask. */
  readonly role: Role
  answer(): Promise<Answer> | Answer
}
