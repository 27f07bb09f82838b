import { dirname } from 'node:path'
import { execa } from 'execa'
import { cacheVariable } from '../../artifacts/cache-directory.ts'
import { makeOwnFolder } from '../../artifacts/own-folder.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { labsVariable } from '../state.ts'

/**
 * Runs `work` while holding an exclusive flock(2) on `path` (made, never removed: removing it would let two hold it). A
 * child holds the lock and ends with the pipe from this process, so `kill -9` frees it too. The lock's folder is this
 * user's own.
 * @throws KeelError `folder-of-others` (exit 2); `lab-busy` (exit 5) when somebody else holds it for longer than
 * `waitSeconds`
 */
export async function withFileLock<T>(path: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  makeOwnFolder({ path: dirname(path), variable: `${labsVariable} or ${cacheVariable}` })
  const holder = execa('flock', ['--timeout', `${waitSeconds}`, path, 'sh', '-c', 'echo held; exec cat'], {
    reject: false,
    buffer: false,
  })
  const held = await new Promise<boolean>((resolve) => {
    holder.stdout.once('data', () => resolve(true))
    holder.stdout.once('close', () => resolve(false))
  })
  if (!held) {
    throw new KeelError({
      code: 'lab-busy',
      at: path,
      found: `another keel has held this lock for ${waitSeconds} s`,
      todo: `wait for it; \`fuser -v ${path}\` names the process`,
      exit: ExitCode.Locked,
    })
  }
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await holder
  }
}
