import type { Host } from '../../model/cluster.ts'
import type { Rendered } from '../../targets/rendered.ts'
import type { Sources } from './plan-host.ts'

/** A host, and what the inventory wants of it. */
export interface WantedHost {
  readonly host: Host
  readonly rendered: Rendered
  /** Absent where the inventory lacks something that a deploy needs, such as the value of a secret: nothing can be compared then. */
  readonly sources?: Sources
}
