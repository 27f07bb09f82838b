import type { Operation } from '../plan/operation.ts'
import { ownedAnnotation } from '../probes/node-marks.ts'
import { sh } from '../templates/shell-quote.ts'

/**
 * Runs on a server: gives a Node its labels and taints. The note of what is the inventory's comes last: until then what an interrupted deploy has left
 * to remove is still known.
 */
export function labelScript({ node, labels, taints, owned }: Extract<Operation, { op: 'label-node' }>): string {
  return [
    'set -e',
    ...(labels.length === 0 ? [] : [sh`k3s kubectl label node --overwrite --request-timeout=30s -- ${node} ${labels}`]),
    ...(taints.length === 0 ? [] : [sh`k3s kubectl taint node --overwrite --request-timeout=30s -- ${node} ${taints}`]),
    sh`k3s kubectl annotate node --overwrite --request-timeout=30s -- ${node} ${`${ownedAnnotation}=${JSON.stringify(owned)}`}`,
  ].join('\n')
}
