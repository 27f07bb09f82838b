import { ExitCode, KeelError } from '../../errors.ts'
import { askGit, isInRepository } from '../../files/git.ts'

/**
 * What git tracks in a folder and below it: all that a flake sees there (Nix manual, "flake references").
 * @returns undefined where there is no repository
 * @throws KeelError `git-refuses` for a repository that git does not read
 */
export function trackedFiles(directory: string): Promise<readonly string[] | undefined> {
  return list(directory, ['--cached'])
}

/** @returns those that git neither tracks nor ignores */
export async function untrackedFiles(directory: string): Promise<readonly string[]> {
  return (await list(directory, ['--others', '--exclude-standard'])) ?? []
}

/** The command that lets a flake see files. */
export function gitAdd(paths: readonly string[]): string {
  return `\`git add ${paths.join(' ')}\``
}

/** A build that failed for want of a file: its message names one that is there, and that git does not track. */
export async function explainUntracked(error: KeelError, directory: string): Promise<KeelError> {
  if (error.code !== 'build-failed') return error
  const missed = (await untrackedFiles(directory)).filter((path) => error.found.includes(path))
  if (missed.length === 0) return error
  const why = `git does not track ${missed.join(', ')}, and a flake sees only what git tracks`
  return new KeelError({
    ...error,
    why: [why, error.why].filter(Boolean).join('; '),
    todo: gitAdd(missed),
    cause: error,
  })
}

async function list(directory: string, what: readonly string[]): Promise<readonly string[] | undefined> {
  if (!isInRepository(directory)) return undefined
  const { exitCode, stdout, stderr } = await askGit(directory, ['ls-files', '-z', ...what])
  if (exitCode === 0) return stdout.split('\0').filter((path) => path !== '')
  throw new KeelError({
    code: 'git-refuses',
    at: directory,
    found:
      exitCode === undefined ? 'a git repository, but no git on this machine' : (stderr.trim().split('\n')[0] ?? ''),
    why: 'a flake sees only files that git tracks, and keel asks git for them',
    todo: 'make sure that `git ls-files` works there',
    exit: ExitCode.Usage,
  })
}
