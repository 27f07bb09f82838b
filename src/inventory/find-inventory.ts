import { existsSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import { secretsFiles } from './read/inventory-files.ts'

/**
 * The nearest folder, from this one upward, that contains a secrets.ts or secrets.yaml.
 * @throws KeelError `no-inventory` (exit 2).
 */
export function findInventory(startDirectory: string): string {
  const start = resolve(startDirectory)
  // a typing error must not select the inventory in a folder above
  if (!existsSync(start)) throw noInventory(start, 'there is no such folder')
  for (let directory = start; ; directory = dirname(directory)) {
    if (secretsFiles.some((file) => isThere(join(directory, file)))) return realpathSync(directory)
    if (directory === dirname(directory)) break
  }
  throw noInventory(start, `no ${secretsFiles.join(' or ')} here or in a folder above`)
}

/** The same, undefined where there is none. */
export function inventoryIfThere(startDirectory: string): string | undefined {
  try {
    return findInventory(startDirectory)
  } catch (error) {
    if (error instanceof KeelError && error.code === 'no-inventory') return undefined
    throw error
  }
}

/** A broken link counts as existing too: keel refuses it, and does not use an inventory in a folder above. */
function isThere(path: string): boolean {
  return existsSync(path) || isLink(path)
}

function isLink(path: string): boolean {
  try {
    readlinkSync(path)
    return true
  } catch {
    return false
  }
}

function noInventory(at: string, found: string): KeelError {
  const todo = 'create an inventory with `keel init DIR`, or name one with -C DIR'
  return new KeelError({ code: 'no-inventory', at, found, todo, exit: ExitCode.Usage })
}
