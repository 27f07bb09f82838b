import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * Replaces a file at once: a reader, also after a kill, reads the old one or the new one.
 * @param mode of the file
 */
export async function writeAtomically(path: string, text: string, mode: number): Promise<void> {
  // systemd reads no unit that begins with a dot
  const fresh = join(dirname(path), `.${basename(path).slice(0, 100)}-${randomBytes(8).toString('hex')}`)
  try {
    const file = await open(fresh, 'wx', mode)
    try {
      await file.writeFile(text)
      // whatever the program's umask is
      await file.chmod(mode)
    } finally {
      await file.close()
    }
    await rename(fresh, path)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}
