import { type Dirent, lstatSync } from 'node:fs'
import { join } from 'node:path'
import { ExitCode, KeelError, systemCode } from '../../errors.ts'
import { inventoryEntries } from '../../files/inventory-file.ts'

/** The kind of a name in a folder. A link is a link, wherever it leads. */
export type Entry = 'file' | 'folder' | 'link' | 'other'

/**
 * The names in a folder of an inventory, sorted, with their kinds; none if there is no such folder. A folder is read
 * only once.
 * @throws KeelError `inventory-file` (exit 2) for a folder that is reached through a link, `inventory-read` (exit 2)
 * for one that can't be read
 */
export type EntriesIn = (folder: string) => ReadonlyMap<string, Entry>

/** @param directory the inventory */
export function entriesBelow(directory: string): EntriesIn {
  const known = new Map<string, ReadonlyMap<string, Entry>>()
  return (folder) => {
    const found = known.get(folder) ?? read(directory, folder)
    known.set(folder, found)
    return found
  }
}

export function namesOf(entries: ReadonlyMap<string, Entry>, kind: Entry): readonly string[] {
  return [...entries].flatMap(([name, one]) => (one === kind ? [name] : []))
}

/** A host that keel can't see must not count as removed. */
function read(directory: string, folder: string): ReadonlyMap<string, Entry> {
  try {
    return list(directory, folder)
  } catch (cause) {
    if (cause instanceof KeelError) throw cause
    throw new KeelError({
      code: 'inventory-read',
      at: join(directory, folder),
      found: `it can't be read (${systemCode(cause)})`,
      why: 'keel would treat a host that it cannot read as removed from the inventory',
      todo: 'correct its permissions, or remove it',
      exit: ExitCode.Usage,
      cause,
    })
  }
}

function list(directory: string, folder: string): ReadonlyMap<string, Entry> {
  const state = lstatSync(join(directory, folder), { throwIfNoEntry: false })
  if (state?.isDirectory() !== true && state?.isSymbolicLink() !== true) return new Map()
  const found = inventoryEntries(directory, folder)
  // a folder may allow to list names without allowing to look at them
  if (found !== undefined) lstatSync(`${join(directory, folder)}/.`)
  const entries = (found ?? []).map((entry) => [entry.name, kindOf(entry)] as const)
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

function kindOf(entry: Dirent): Entry {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'folder'
  return entry.isSymbolicLink() ? 'link' : 'other'
}
