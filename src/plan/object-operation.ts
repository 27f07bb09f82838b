import type { ObjectName } from '../model/kubernetes/cluster-object.ts'

/** One thing that deploy does to an object of keel's in the cluster's API. Data only: printable, JSON-serialisable. */
export type ObjectOperation =
  /** `fixed`: what differs can't be changed, so it is made anew. `fields`: those that differ. */
  | (ObjectName & {
      readonly op: 'apply-object'
      readonly why: 'missing' | 'differs' | 'fixed'
      readonly fields: readonly string[]
    })
  | (ObjectName & { readonly op: 'remove-object' })
  /** The API does not answer while planning: keel sees what to do once a server has been started. */
  | { readonly op: 'see-objects' }
