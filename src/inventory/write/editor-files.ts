import { randomBytes } from 'node:crypto'
import { lstatSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { carriedText } from '../../carried.ts'
import { KeelError } from '../../errors.ts'
import { readInventoryFile, refuseLinksTo } from '../../files/inventory-file.ts'
import type { DefinitionFile } from '../definition-file.ts'

/** In schema/; scripts/schema.ts makes them. */
const FILES = ['host.json', 'cluster.json', 'secrets.json', 'keel.d.ts']
export const EDITOR_FOLDER = '.keel'

/**
 * Maintains `.keel/` beside an inventory: the types and JSON Schemas of the keel that is running. So editors complete
 * and check both forms, without a node_modules, and without a path of one machine in git. keel creates it for an
 * inventory with a YAML file, or with a tsconfig.json that points there.
 * @throws KeelError `inventory-file` (exit 2) if the folder is a link, because keel must not write to its target
 */
export function refreshEditorFiles(directory: string, files: readonly DefinitionFile[]): void {
  const folder = join(directory, EDITOR_FOLDER)
  const isThere = lstatSync(folder, { throwIfNoEntry: false }) !== undefined
  const isWanted = () =>
    files.some(({ form }) => form === 'yaml') || read(directory, 'tsconfig.json').includes(`${EDITOR_FOLDER}/`)
  if (!isThere && !isWanted()) return
  try {
    refuseLinksTo(directory, `${EDITOR_FOLDER}/.gitignore`)
    mkdirSync(folder, { recursive: true })
    // git ignores a folder that contains such a .gitignore
    replace(directory, '.gitignore', '*\n')
    for (const name of FILES) replace(directory, name, carriedText(`schema/${name}`))
  } catch (error) {
    if (error instanceof KeelError) throw error
    // keel can read an inventory to which it can't write; only the help for editors is then missing
  }
}

function replace(directory: string, name: string, text: string): void {
  if (read(directory, `${EDITOR_FOLDER}/${name}`) === text) return
  const path = join(directory, EDITOR_FOLDER, name)
  // a name that nobody can have replaced with a link
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  try {
    writeFileSync(draft, text, { flag: 'wx' })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** A file that can't be read counts as different. */
function read(directory: string, file: string): string {
  try {
    return readInventoryFile(directory, file)?.toString() ?? ''
  } catch {
    return ''
  }
}
