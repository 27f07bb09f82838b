import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The files of an inventory that a verb is about to change, as they were. */
export interface RestorePoint {
  /** Puts them back byte by byte, and takes away what has come since. */
  restore(): Promise<void>
}

/** Remembers every file in these folders of an inventory; a folder that does not exist is remembered as such. */
export async function takeRestorePoint(directory: string, folders: readonly string[]): Promise<RestorePoint> {
  const before = await Promise.all(
    folders.map(async (folder) => ({ folder: join(directory, folder), files: await filesIn(join(directory, folder)) })),
  )
  return {
    async restore() {
      for (const { folder, files } of before) {
        if (files === undefined) {
          await rm(folder, { recursive: true, force: true })
          continue
        }
        await mkdir(folder, { recursive: true })
        for (const name of (await filesIn(folder))?.keys() ?? []) if (!files.has(name)) await rm(join(folder, name))
        for (const [name, bytes] of files)
          if (!bytes.equals(await readFile(join(folder, name)).catch(() => Buffer.alloc(0))))
            await writeFile(join(folder, name), bytes)
      }
    },
  }
}

async function filesIn(folder: string): Promise<ReadonlyMap<string, Buffer> | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (entries === undefined) return undefined
  const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const)))
}
