import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { ExitCode, hasCode, KeelError } from '../../errors.ts'
import { namesIfThere, namesIn, removeIfEmpty } from '../../files/disk.ts'
import { notWritten } from '../../files/not-written.ts'
import { placeTag } from '../../files/transaction/process-mark.ts'
import { type Recovery, recover, replaceFiles } from '../../files/transaction/replace-files.ts'
import { isForsaken } from '../../files/transaction/staging.ts'
import { type Inventory, loadInventory } from '../../inventory/load.ts'
import { EDITOR_FOLDER } from '../../inventory/write/editor-files.ts'

/**
 * What may be in a folder that becomes an inventory: the files of git, and nothing that keel would have to overwrite.
 */
const HARMLESS = new Set(['.git', 'README', 'README.md', 'LICENSE'])
const DRAFT = '.keel-init-'
/** Optional files; an existing repository may have its own. */
const OPTIONAL: ReadonlySet<string> = new Set(['tsconfig.json', '.gitignore', '.gitattributes'])

export interface NewFiles {
  /** By path. */
  readonly files: ReadonlyMap<string, string | Uint8Array>
  /** Creates what is not text (CA, tokens), in the folder that becomes the inventory. */
  readonly fill: (inventory: Inventory) => Promise<unknown>
  /** An agenix repository becomes an inventory: existing files stay, and keel overwrites none of them. */
  readonly beside?: boolean
}

/**
 * Creates an inventory in a folder that is new, empty, or contains only the files of git: all of it or nothing, even if
 * it is interrupted.
 * @returns the inventory at its final place
 * @throws KeelError `init-not-empty` (exit 2), `not-written` (exit 1) if the disk refuses; FaultsError if the answers
 * make no valid inventory; the errors of `fill`
 */
export async function createInventory(target: string, wanted: NewFiles): Promise<Inventory> {
  try {
    await create(target, wanted)
  } catch (error) {
    throw notWritten(error, target)
  }
  return loadInventory(target)
}

async function create(target: string, { files, fill, beside = false }: NewFiles): Promise<void> {
  const existed = await isThere(target)
  const own = beside ? await existing(target, [...OPTIONAL]) : []
  await refuseUsed(target, beside ? [...files.keys()].filter((file) => !own.includes(file)) : undefined)
  await mkdir(dirname(target), { recursive: true })
  // beside a new folder, inside an existing one, because a rename must not leave the file system
  const draft = `${existed ? join(target, DRAFT) : target + DRAFT}${process.pid}-${placeTag()}-${randomUUID()}`
  await mkdir(draft)
  try {
    for (const [path, content] of files) {
      if (own.includes(path)) continue
      await mkdir(dirname(join(draft, path)), { recursive: true })
      await writeFile(join(draft, path), content)
    }
    await fill(await loadInventory(draft))
    if (existed) await replaceFiles(target, await filesBelow(draft, target))
    else await rename(draft, target)
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

/** Finishes or removes what a killed init has left in a folder or beside it. */
export async function finishInterruptedInit(target: string): Promise<Recovery | undefined> {
  const drafts = [
    ...(await forsakenDrafts(target, DRAFT)),
    ...(await forsakenDrafts(dirname(target), basename(target) + DRAFT)),
  ]
  for (const draft of drafts) await rm(draft, { recursive: true, force: true })
  const recovery = (await isThere(target)) ? await recover(target) : undefined
  // created for the lock, which the killed init never got
  const secrets = join(target, 'secrets')
  if ((await namesIfThere(secrets).catch(() => undefined))?.length === 0) await removeIfEmpty(secrets)
  return recovery ?? (drafts.length > 0 ? 'undone' : undefined)
}

async function forsakenDrafts(folder: string, prefix: string): Promise<readonly string[]> {
  const forsaken: string[] = []
  for (const name of (await namesIn(folder).catch(noFolder)).filter((each) => each.startsWith(prefix))) {
    const [, pid, , tag] = /^(\d+)-(([0-9a-f]{12})-)?[0-9a-f]{8}-/.exec(name.slice(prefix.length)) ?? []
    if (pid !== undefined && (await isForsaken(join(folder, name), Number(pid), tag))) forsaken.push(join(folder, name))
  }
  return forsaken
}

function noFolder(error: unknown): readonly string[] {
  if (hasCode(error, 'ENOTDIR')) return []
  throw error
}

async function filesBelow(draft: string, target: string) {
  const entries = await readdir(draft, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(draft, join(entry.parentPath, entry.name)))
    // an earlier inventory may have left its own; loading this one updates it
    .filter((path) => !path.startsWith(EDITOR_FOLDER + sep) || !existsSync(join(target, path)))
  return Promise.all(
    paths.map(async (path) => ({
      file: path.split(sep).join('/'),
      contents: await readFile(join(draft, path)),
      replaces: undefined,
    })),
  )
}

/**
 * @param beside the files to write into a folder with other contents; none: the folder must be new
 * @throws KeelError `init-not-empty` (exit 2)
 */
export async function refuseUsed(target: string, beside?: readonly string[]): Promise<void> {
  if (!(await isThere(target))) return
  const there = (await readdir(target)).filter((name) => !HARMLESS.has(name))
  const inTheWay = beside === undefined ? there : await existing(target, beside)
  if (inTheWay.length === 0) return
  const isInventory = there.includes('secrets.ts') || (beside === undefined && there.includes('hosts'))
  throw new KeelError({
    code: 'init-not-empty',
    at: target,
    found: isInventory
      ? 'the folder already has an inventory'
      : `the folder is not empty: ${inTheWay.slice(0, 5).join(', ')}`,
    why: 'init never changes existing files',
    todo: isInventory ? 'to add a host run `keel add-node NAME`' : 'name a new folder: keel init DIR',
    exit: ExitCode.Usage,
  })
}

async function existing(target: string, files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(files.map(async (file) => ((await isThere(join(target, file))) ? [file] : [])))
  return found.flat()
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
