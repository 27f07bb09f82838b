import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What a name in an inventory looks like; a shell could read others as more than a word. */
const name = /^[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?$/i

/**
 * The names in an inventory's folders. No file is read and none of its TypeScript runs: whoever presses Tab has not
 * asked for that.
 */
export function hostNames(start: string): readonly string[] {
  return listed(join(inventoryAbove(start), 'hosts'))
    .map((entry) => entry.replace(/\.(ts|ya?ml)$/, ''))
    .filter((entry, index, all) => entry !== 'cluster' && all.indexOf(entry) === index)
}

/** By their files: `secrets/wifi.age`. */
export function secretNames(start: string): readonly string[] {
  return listed(join(inventoryAbove(start), 'secrets')).flatMap((entry) => (entry.endsWith('.age') ? [entry.slice(0, -4)] : []))
}

/** Names of what is in a folder, those alone that are a plain word; none where it can't be read. */
export function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder).filter((entry) => name.test(entry))
  } catch {
    return []
  }
}

function inventoryAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (isDirectory(join(folder, 'hosts')) || folder === dirname(folder)) return folder
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
