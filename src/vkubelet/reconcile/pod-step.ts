import type { Operation } from './operation.ts'

/** What one Pod adds to each part of a step. */
export interface PodStep {
  /** Signals to what runs. */
  readonly before: readonly Operation[]
  readonly files: readonly Operation[]
  /** Units to start, all at once. */
  readonly run: readonly string[]
  readonly after: readonly Operation[]
}
