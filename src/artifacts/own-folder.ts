import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import { type Accounts, isPrivateGroup, mayHaveAcl, systemAccounts } from './private-group.ts'

/** A folder from which keel runs programs or trusts files. */
export interface OwnFolder {
  readonly path: string
  /** The variable that names another folder: `KEEL_LAB_STATE`. */
  readonly variable: string
}

/**
 * Refuses a folder if another user of this machine can write to it or to a folder above it, because that user could
 * replace its contents. A folder that does not exist yet is fine. Root does not count as another user, nor does a group
 * with only this user.
 * @param accounts the users of this machine, asked for only if a group can write
 * @throws KeelError `folder-of-others` (exit 2)
 */
export function checkOwnFolder(folder: OwnFolder, accounts: () => Accounts = systemAccounts): void {
  // both the path as named, in which somebody could replace a link, and the real path
  const named = resolve(folder.path)
  for (const start of [named, realPathOf(named)]) {
    for (let path = start; ; path = dirname(path)) {
      const stats = lstatSync(path, { throwIfNoEntry: false })
      const found = stats === undefined ? undefined : whatOthersCan(path, stats, accounts)
      if (found !== undefined) throw refused(folder, path, found)
      if (path === dirname(path)) break
    }
  }
}

/** Creates the folder if it is missing; nobody else can read it. @throws KeelError `folder-of-others` (exit 2) */
export function makeOwnFolder(folder: OwnFolder): void {
  checkOwnFolder(folder)
  mkdirSync(folder.path, { recursive: true, mode: 0o700 })
  // a folder that appeared in the meantime belongs to somebody else
  checkOwnFolder(folder)
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** In a sticky folder (/tmp, /dev/shm) nobody can replace what belongs to others. */
function whatOthersCan(path: string, stats: Stats, accounts: () => Accounts): string | undefined {
  if (stats.uid !== 0 && stats.uid !== process.getuid?.()) return `belongs to another user (uid ${stats.uid})`
  if (stats.isSymbolicLink() || (stats.mode & 0o1000) !== 0) return undefined
  const isOpen = (stats.mode & 0o002) !== 0 || ((stats.mode & 0o020) !== 0 && !isGroupAlone(path, stats, accounts()))
  return isOpen ? `others can write to it (mode ${(stats.mode & 0o7777).toString(8)})` : undefined
}

function isGroupAlone(path: string, { gid }: Stats, accounts: Accounts): boolean {
  const uid = process.getuid?.()
  return uid !== undefined && isPrivateGroup(gid, uid, accounts) && !mayHaveAcl(path)
}

function refused({ path, variable }: OwnFolder, at: string, found: string): KeelError {
  return new KeelError({
    code: 'folder-of-others',
    at,
    found,
    why: `keel runs and reads files in ${path}; anybody who can write there can replace them`,
    todo: found.startsWith('belongs')
      ? `name a folder of your own in ${variable}, or move this one away`
      : `run \`chmod go-w ${at}\` if nobody else should write there, or name a folder of your own in ${variable}`,
    exit: ExitCode.Usage,
  })
}
