import { type Fault, KeelError, systemCode } from '../../errors.ts'
import { readInventoryFile } from '../../files/inventory-file.ts'
import { parseKeyFile } from '../../model/systems/image-source.ts'
import type { ImageKeyFile } from '../definitions.ts'

/**
 * Reads the file that hosts/cluster names in `sysupdate.key`; undefined if it names none, or no path of an inventory: the
 * check of the definition reports that.
 * @param input hosts/cluster, unchecked
 */
export function readImageKey(directory: string, input: unknown): ImageKeyFile | undefined {
  const path = at(at(input, 'sysupdate'), 'key')
  if (typeof path !== 'string' || !isKeyFile(path)) return undefined
  try {
    return readInventoryFile(directory, path) ?? unread(path, 'ENOENT')
  } catch (error) {
    return error instanceof KeelError ? error : unread(path, systemCode(error))
  }
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

function isKeyFile(path: string): boolean {
  try {
    parseKeyFile(path)
    return true
  } catch {
    return false
  }
}

function unread(file: string, code: string): Fault {
  return {
    code: 'inventory-read',
    at: file,
    found: `it can't be read (${code})`,
    todo: 'write it with `gpg --armor --export FINGERPRINT`',
  }
}
