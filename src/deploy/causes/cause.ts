/** Why k3s does not run, as its journal says it, and what cures that. Data only. */
export interface Cause {
  /** Plain texts: a line of the journal that contains one of them tells this cause. The host looks for them too. */
  readonly says: readonly string[]
  readonly why: string
  /** What to do before the next `keel deploy`. */
  readonly cure: string
  /** An earlier end of k3s left this behind: that one is told, too, where it is known. */
  readonly leftByAnother?: true
}
