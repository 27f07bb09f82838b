import { explainedCodes } from './faults/index.ts'
import { inventoryKeys } from './keys/key.ts'

/** All that `keel explain` can be asked for. */
export function explainedNames(): readonly string[] {
  return [...inventoryKeys().map(({ path }) => path), ...explainedCodes()]
}
