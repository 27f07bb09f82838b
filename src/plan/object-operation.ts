import { describeObject, type ObjectName } from '../model/cluster-object.ts'
import { oneLine } from '../model/one-line.ts'

/** One thing that deploy does to an object of keel's in the cluster's API. Data only: printable, JSON-serialisable. */
export type ObjectOperation =
  /** `fixed`: what differs can't be changed, so it is made anew. `fields`: those that differ. */
  | (ObjectName & {
      readonly op: 'apply-object'
      readonly why: 'missing' | 'differs' | 'fixed'
      readonly fields: readonly string[]
    })
  | (ObjectName & { readonly op: 'remove-object' })
  /** The API does not answer while planning: what has to be done shows when a server has been started. */
  | { readonly op: 'see-objects' }

/** One line for a person. */
export function describeObjectOperation(operation: ObjectOperation): string {
  return oneLine(describe(operation))
}

function describe(operation: ObjectOperation): string {
  switch (operation.op) {
    case 'apply-object':
      return `apply ${describeObject(operation)}${because(operation)}`
    case 'remove-object':
      return `remove ${describeObject(operation)}${operation.kind === 'Namespace' ? ' and all that is in it' : ''} (no longer in the inventory)`
    case 'see-objects':
      return "check keel's objects when the API answers, and correct them"
  }
}

function because({ why, fields }: Extract<ObjectOperation, { op: 'apply-object' }>): string {
  if (why === 'missing') return ''
  return ` (${why === 'fixed' ? 'created again, because it' : 'it'} differs in ${fields.join(', ')})`
}
