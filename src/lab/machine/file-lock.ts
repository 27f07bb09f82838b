import { dirname } from 'node:path'
import { execa } from 'execa'
import { cacheVariable } from '../../artifacts/cache-directory.ts'
import { makeOwnFolder } from '../../artifacts/own-folder.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { labsVariable } from '../state.ts'

/**
 * Runs `work` with an exclusive flock(2) on `path`. keel creates this file and never removes it, because otherwise two
 * processes could have the lock. A child process has the lock and ends with the pipe from this process, so `kill -9`
 * releases it too. Only this user may write to the folder of the lock.
 * @throws KeelError `folder-of-others` (exit 2); `lab-busy` (exit 5) if somebody else has the lock for longer than
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
