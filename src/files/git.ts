import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { execa } from 'execa'

export interface GitAnswer {
  /** Undefined: git could not be started. */
  readonly exitCode: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/**
 * Asks git about a folder. A commit can contain a folder that looks like a bare repository, with settings that name
 * programs. With these options git does not use such a repository, and runs no program from the settings of a
 * repository (git-config(1), safe.bareRepository, core.fsmonitor).
 */
export async function askGit(directory: string, args: readonly string[]): Promise<GitAnswer> {
  const cautious = [
    '-c',
    'safe.bareRepository=explicit',
    '-c',
    'core.fsmonitor=false',
    '-c',
    'core.hooksPath=/dev/null',
  ]
  const { exitCode, stdout, stderr } = await execa('git', ['-C', directory, ...cautious, ...args], {
    reject: false,
    stdin: 'ignore',
  })
  return { exitCode, stdout: stdout ?? '', stderr: stderr ?? '' }
}

/** git exits with the same status if there is no repository and if it refuses to read one. */
export function isInRepository(directory: string): boolean {
  return repositoryOf(directory) !== undefined
}

/** The nearest folder above that is a repository, or this one. Not a bare repository. */
export function repositoryOf(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : repositoryOf(dirname(directory))
}

/** Whether git tracks a file of this folder, or anything below it. False if git can't tell. */
export async function isTracked(directory: string, path: string): Promise<boolean> {
  if (!isInRepository(directory)) return false
  const { exitCode, stdout } = await askGit(directory, ['ls-files', '-z', '--cached', '--', path])
  return exitCode === 0 && stdout !== ''
}
