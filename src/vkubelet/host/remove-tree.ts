import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'

/** Its text names a folder of keel's alone, and nothing that is in it. */
export class RemovalError extends Error {}

/** Milliseconds: millions of files of one Pod take minutes, and no other Pod waits for that. */
const PATIENCE = 2_000
const underWay = new Map<string, Promise<void>>()

/**
 * Removes a folder with all that a Pod has left in it, without following a link and without leaving the file system. By
 * rm(1), because Node's own removal fails where folders are deeper than a path can be long, and reads a folder as a whole.
 * @returns when it is done, or goes on: then another look finds the folder, and calls this again
 * @throws RemovalError
 */
export async function removeTree(path: string): Promise<void> {
  const removal = underWay.get(path) ?? remove(path)
  underWay.set(path, removal)
  const done = removal.finally(() => underWay.delete(path))
  // also where nobody waits for it any more
  done.catch(() => undefined)
  await Promise.race([done, sleep(PATIENCE, undefined, { ref: false })])
}

function remove(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C' }
    const child = spawn('rm', ['-rf', '--one-file-system', '--', path], { env, stdio: 'ignore' })
    child.once('error', () => reject(new RemovalError(`rm could not be started for ${path}`)))
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new RemovalError(`rm could not remove ${path}`))))
  })
}
