import { describeObject } from '../model/kubernetes/cluster-object.ts'
import { oneLine } from '../model/text/one-line.ts'
import type { ObjectOperation } from './object-operation.ts'
import { type Say, sayIn, type Tense } from './tense.ts'

/** What deploy would do, in one line for a person. */
export function describeObjectOperation(operation: ObjectOperation): string {
  return oneLine(describe(operation, 'planned'))
}

/** The same, once deploy has done it. */
export function describeObjectDone(operation: ObjectOperation): string {
  return oneLine(describe(operation, 'done'))
}

function describe(operation: ObjectOperation, tense: Tense): string {
  const say = sayIn(tense)
  switch (operation.op) {
    case 'apply-object':
      return `${say('apply')} ${describeObject(operation)}${because(operation, say)}`
    case 'remove-object':
      return `${say('remove')} ${describeObject(operation)}${operation.kind === 'Namespace' ? ' and all that is in it' : ''} (no longer in the inventory)`
    case 'see-objects':
      return tense === 'done'
        ? "checked keel's objects in the API"
        : "check keel's objects when the API answers, and correct them"
  }
}

function because({ why, fields }: Extract<ObjectOperation, { op: 'apply-object' }>, say: Say): string {
  if (why === 'missing') return ''
  return ` (${why === 'fixed' ? 'created again, because it' : 'it'} ${say('differs')} in ${fields.join(', ')})`
}
