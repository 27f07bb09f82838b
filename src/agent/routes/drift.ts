/** What differs on this host from what the last deploy placed, as `/v1/drift` tells it: never a content. */
export interface DriftReport {
  /** False: nothing on the host says what was placed, because an earlier keel did it, or none. */
  readonly known: boolean
  /** How many paths the host compared. */
  readonly compared: number
  /** At most 500. */
  readonly differences: readonly Difference[]
  /** There are more differences. */
  readonly cut?: true
}

interface Difference {
  readonly path: string
  readonly kind: DifferenceKind
}

/**
 * `missing`: nothing is there. `type`: it is something else, a link instead of a file, say. `content`: the content or
 * the target of the link. `mode`, `owner`: only these. `system`: on NixOS, another system runs, or is booted next.
 */
type DifferenceKind = 'missing' | 'type' | 'content' | 'mode' | 'owner' | 'system'
