import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DefinitionFile } from './inventory-files.ts'

/** Made by scripts/schema.ts; the bundle lies flat in dist/. */
const SCHEMA = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../schema/' : '../schema/', import.meta.url))
const FILES = ['host.json', 'cluster.json', 'secrets.json', 'keel.d.ts']
export const EDITOR_FOLDER = '.keel'

/**
 * Keeps `.keel/` beside an inventory: the types and JSON Schemas of the keel that is running, so that editors complete and check both forms with
 * no node_modules and no path of one machine in git. Made for an inventory with a YAML file, or with a tsconfig.json that points there.
 */
export function refreshEditorFiles(directory: string, files: readonly DefinitionFile[]): void {
  const folder = join(directory, EDITOR_FOLDER)
  const isWanted = () =>
    files.some(({ form }) => form === 'yaml') || read(join(directory, 'tsconfig.json')).includes(`${EDITOR_FOLDER}/`)
  if (!existsSync(folder) && !isWanted()) return
  try {
    mkdirSync(folder, { recursive: true })
    // git sees nothing of a folder that ignores itself
    replace(join(folder, '.gitignore'), '*\n')
    for (const name of FILES) replace(join(folder, name), readFileSync(join(SCHEMA, name), 'utf8'))
  } catch {
    // an inventory that can't be written to is read all the same: nothing but the editor's help is missing
  }
}

function replace(path: string, text: string): void {
  if (read(path) === text) return
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, text)
  renameSync(draft, path)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
