import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * What keel carries besides its program: `schema`, `docs`, and the sources from which a lab builds. In the npm package
 * these are files. The single executable (scripts/executable/) has them in its memory, and so have its modules no file.
 */
const inExecutable = import.meta.url.startsWith('keel:')

/** Beside src/, and in a bundle beside dist/, which is flat. */
const ROOT = new URL('..', import.meta.url)

/** Modes of the carried files by path: an asset of an executable has none. */
export const MODES = 'modes.json'

/** A file that keel carries. @param path relative to the package: `schema/host.json` */
export function carriedText(path: string): string {
  return inExecutable ? assets().getAsset(path, 'utf8') : readFileSync(new URL(path, ROOT), 'utf8')
}

/** The names in a folder that keel carries, without those in folders below it. */
export function carriedNames(folder: string): readonly string[] {
  if (!inExecutable) return readdirSync(new URL(folder, ROOT))
  const within = Object.keys(carriedModes()).filter((path) => path.startsWith(`${folder}/`))
  return within.map((path) => path.slice(folder.length + 1)).filter((name) => !name.includes('/'))
}

/** The folder on the disk. @returns undefined in the executable, which has none: `copyCarried` writes one */
export function carriedFolder(path: string): string | undefined {
  return inExecutable ? undefined : fileURLToPath(new URL(path, ROOT))
}

/** Copies a folder that keel carries, with the modes of its files. @param into exists, or its parent does */
export async function copyCarried(path: string, into: string): Promise<void> {
  const folder = carriedFolder(path)
  if (folder !== undefined) return cp(folder, into, { recursive: true })
  const { getRawAsset } = assets()
  for (const [name, mode] of Object.entries(carriedModes()).filter(([name]) => name.startsWith(`${path}/`))) {
    const target = join(into, name.slice(path.length + 1))
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, new Uint8Array(getRawAsset(name)), { mode })
  }
}

function carriedModes(): Record<string, number> {
  return JSON.parse(carriedText(MODES))
}

/** Loaded here only, because the npm package has no assets, and node 22 warns about the module. */
function assets(): typeof import('node:sea') {
  return process.getBuiltinModule('node:sea')
}
