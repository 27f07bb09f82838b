/** What `keel explain CODE` says about faults that have the same reason. */
export interface Explanation {
  readonly codes: readonly string[]
  /** What has happened, or what keel has found. */
  readonly means: string
  /** What usually leads to it. */
  readonly cause: string
  readonly todo: string
  /** The page of docs/ that tells more. */
  readonly topic?: string
}
