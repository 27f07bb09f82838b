import { randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'
import { type Inventory, loadInventory } from '../../inventory/load.ts'

/** What may lie in a folder that becomes an inventory: git's own, and nothing that keel would have to overwrite. */
const HARMLESS = new Set(['.git', 'README', 'README.md', 'LICENSE'])
/** Its arrival makes the folder an inventory, so it comes last. */
const LAST = 'secrets.ts'

/**
 * Makes an inventory in a folder that is new, empty or holds no more than git's own: all of it or nothing.
 * @param fill makes what is not text (CA, tokens), in the folder that becomes the inventory
 * @returns the inventory as it is at its final place
 * @throws KeelError `init-not-empty` (exit 2); FaultsError when what was told makes no right inventory; what `fill` throws
 */
export async function createInventory(
  target: string,
  files: ReadonlyMap<string, string>,
  fill: (inventory: Inventory) => Promise<unknown>,
): Promise<Inventory> {
  await refuseUsed(target)
  const existed = await isThere(target)
  await mkdir(dirname(target), { recursive: true })
  // beside a new folder, inside one that is there: a rename must not leave the file system
  const draft = `${existed ? join(target, '.keel-init') : `${target}.keel-init`}-${randomUUID()}`
  await mkdir(draft)
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(draft, path)), { recursive: true })
      await writeFile(join(draft, path), text)
    }
    await fill(await loadInventory(draft))
    if (existed) await moveEntries(draft, target)
    else await rename(draft, target)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return loadInventory(target)
}

async function moveEntries(draft: string, target: string): Promise<void> {
  const entries = (await readdir(draft)).toSorted((a, b) => Number(a === LAST) - Number(b === LAST))
  const moved: string[] = []
  try {
    for (const entry of entries) {
      await rename(join(draft, entry), join(target, entry))
      moved.push(entry)
    }
  } catch (error) {
    for (const entry of moved) await rm(join(target, entry), { recursive: true, force: true })
    throw error
  }
}

/** @throws KeelError `init-not-empty` (exit 2) */
export async function refuseUsed(target: string): Promise<void> {
  const there = (await isThere(target)) ? (await readdir(target)).filter((name) => !HARMLESS.has(name)) : []
  if (there.length === 0) return
  const isInventory = there.includes('secrets.ts') || there.includes('hosts')
  throw new KeelError({
    code: 'init-not-empty',
    at: target,
    found: isInventory ? 'there is an inventory already' : `the folder is not empty: ${there.slice(0, 5).join(', ')}`,
    why: 'init never changes what is there',
    todo: isInventory ? '`keel add-node` adds a host to it' : 'name a new folder: keel init DIR',
    exit: ExitCode.Usage,
  })
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
