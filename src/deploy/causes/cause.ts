/** Why k3s does not run, according to its journal, and how to fix it. Data only. */
export interface Cause {
  /** Plain texts: a line of the journal that contains one of them tells this cause. The host looks for them too. */
  readonly says: readonly string[]
  readonly why: string
  /** What to do before the next `keel deploy`. */
  readonly cure: string
  /** An earlier exit of k3s left this behind; keel reports that exit too, if it is known. */
  readonly leftByAnother?: true
}
