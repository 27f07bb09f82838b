import type { Access } from '../../model/distribution/access.ts'
import type { OperationOf } from '../../plan/operation.ts'
import { type OwnedMarks, ownedAnnotation } from '../../probes/node/node-marks.ts'
import { missingRecordScript, recordScript } from '../../probes/node/node-records.ts'
import { sh } from '../../templates/shell-quote.ts'

/**
 * Runs on a server: gives a Node its labels and taints. The record of the labels from the inventory is written after
 * them, so that a later deploy still knows what to remove after an interruption. The Node's own note comes last; it
 * tells a plan of only this host whether to ask a server.
 */
export function labelScript(access: Access, { node, labels, taints, owned }: OperationOf<'label-node'>): string {
  const { kubectl } = access
  return [
    'set -e',
    ...(labels.length === 0 ? [] : [sh`${kubectl} label node --overwrite --request-timeout=30s -- ${node} ${labels}`]),
    ...(taints.length === 0 ? [] : [sh`${kubectl} taint node --overwrite --request-timeout=30s -- ${node} ${taints}`]),
    noteScript(access, node, owned),
  ].join('\n')
}

/** Runs on a server: notes what a Node has. */
export function noteScript(access: Access, node: string, owned: OwnedMarks): string {
  return [
    'set -e',
    recordScript(access, node, owned),
    sh`${access.kubectl} annotate node --overwrite --request-timeout=30s -- ${node} ${`${ownedAnnotation}=${JSON.stringify(owned)}`}`,
  ].join('\n')
}

/** The same, unless there is a record of the Node already. */
export function noteMissingScript(access: Access, node: string, owned: OwnedMarks): string {
  return `${missingRecordScript(access, node)} || exit 0\n${noteScript(access, node, owned)}`
}
