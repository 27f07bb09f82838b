import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The form of a name in an inventory. A shell could read other names as more than one word. */
const name = /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/i

/**
 * The names in the folders of an inventory. It reads no file and runs no TypeScript, because a user who presses Tab has
 * not asked for that.
 */
export function hostNames(inventory: string): readonly string[] {
  return listed(join(inventory, 'hosts'))
    .map((entry) => entry.replace(/\.(ts|ya?ml)$/, ''))
    .filter((entry, index, all) => entry !== 'cluster' && all.indexOf(entry) === index)
}

/** By their files: `secrets/wifi.age`. */
export function secretNames(inventory: string): readonly string[] {
  return listed(join(inventory, 'secrets')).flatMap((entry) => (entry.endsWith('.age') ? [entry.slice(0, -4)] : []))
}

/** The names in a folder that are plain words; none if it can't be read. */
export function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((entry) => name.test(entry))
  } catch {
    return []
  }
}
