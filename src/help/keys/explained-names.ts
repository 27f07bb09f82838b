import { explainedCodes } from '../faults/index.ts'
import { inventoryKeys } from './key.ts'

/** All that `keel explain` can be asked for. */
export function explainedNames(): readonly string[] {
  return [...inventoryKeys().map(({ path }) => path), ...explainedCodes()]
}
