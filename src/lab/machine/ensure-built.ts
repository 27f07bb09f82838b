import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { cacheVariable } from '../../artifacts/cache-directory.ts'
import { checkOwnFolder } from '../../artifacts/own-folder.ts'
import type { KeelError } from '../../errors.ts'
import type { Work } from '../work.ts'
import { dieWithParent } from './die-with-parent.ts'
import { withFileLock } from './file-lock.ts'

/**
 * With empty caches, the look-alike of k3s takes 5 to 8 minutes on two cores, because every module is downloaded and
 * compiled.
 */
const lockSeconds = 1800

export interface Build {
  readonly name: string
  /** Identifies the build: another key means another program. */
  readonly key: string
  readonly program: string
  /** The message for a user who has to wait for it. */
  readonly note?: string
  readonly command: (into: string) => readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** @param output the end of the build's output */
  readonly failure: (output: string) => KeelError
}

/**
 * A program in the cache, built if it is missing. The build uses a directory with another name, which is renamed when
 * it is complete. If two processes need it at once, one builds it and the other waits.
 * @returns the path of the program
 * @throws KeelError `failure`; `lab-busy` (exit 5)
 */
export async function ensureBuilt(build: Build, { cache, note, signal }: Work): Promise<string> {
  const { name, program } = build
  const directory = join(cache, `${name}-${build.key}`)
  if (existsSync(directory)) {
    checkOwnFolder({ path: directory, variable: cacheVariable })
    return join(directory, program)
  }
  return withFileLock(join(cache, `${name}.lock`), lockSeconds, async () => {
    if (existsSync(directory)) return join(directory, program)
    if (build.note !== undefined) note(build.note)
    for (const entry of await readdir(cache))
      if (entry.startsWith(`building-${name}-`)) await rm(join(cache, entry), { recursive: true })
    const building = await mkdtemp(join(cache, `building-${name}-`))
    const [first, ...args] = dieWithParent(build.command(building))
    const { env } = build
    const built = await execa(first, args, { reject: false, all: true, stdin: 'ignore', cancelSignal: signal, env })
    signal.throwIfAborted()
    if (built.failed) throw build.failure(built.all.trimEnd().split('\n').slice(-8).join('\n'))
    await rename(building, directory)
    return join(directory, program)
  })
}
