import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { hasCode } from '../../errors.ts'

/**
 * The password by which k3s knows that a Node is the same one again: the first to come with a name sets it. It is where a
 * k3s agent has it, so a host that was one keeps its name.
 * @throws Error of the system; Error for a file that is no password
 */
export async function nodePassword(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 })
  try {
    // one that exists is kept: another process may have been quicker
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(`${randomBytes(16).toString('hex')}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  }
  const password = (await readFile(path, 'utf8')).trim()
  if (!/^[\x21-\x7e]{1,256}$/.test(password)) throw new Error(`${path} is no password of a node`)
  return password
}
