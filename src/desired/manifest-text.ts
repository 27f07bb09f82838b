import { stringify } from 'yaml'
import type { Json } from '../model/cluster.ts'

/** Objects as files have them, for `kubectl apply` and for k3s. */
export function manifestText(objects: readonly Json[]): string {
  return `# Made by keel from the inventory; keel plan sees a change made here, keel deploy undoes it.\n${objects.map((one) => stringify(one)).join('---\n')}`
}
