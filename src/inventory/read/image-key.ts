import { isPathBelowInventory } from '../../model/host-paths/path-below-inventory.ts'
import { valueAt } from '../../model/schema/value-at.ts'
import type { ImageKeyFile } from '../definitions.ts'
import { readBytes } from './inventory-text.ts'

/**
 * Reads the file that hosts/cluster names in `sysupdate.key`; undefined if it names none, or no path of an inventory: the
 * check of the definition reports that.
 * @param input hosts/cluster, unchecked
 */
export function readImageKey(directory: string, input: unknown): ImageKeyFile | undefined {
  const path = valueAt(input, ['sysupdate', 'key'])
  if (typeof path !== 'string' || !isPathBelowInventory(path)) return undefined
  return readBytes(directory, path, 'write it with `gpg --armor --export FINGERPRINT`')
}
