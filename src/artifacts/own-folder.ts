import { lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import { type Accounts, isPrivateGroup, mayHaveAcl, systemAccounts } from './private-group.ts'

/** A folder from which keel runs programs or trusts files. */
export interface OwnFolder {
  readonly path: string
  /** How to name another one: `KEEL_LAB_STATE`. */
  readonly variable: string
}

/**
 * Refuses a folder that another user of this machine could change, or one above it: anybody who can write a folder can
 * exchange what is in it. A folder that is not there yet is fine. Root does not count as another user, nor does a group
 * with only this user.
 * @param accounts who is on this machine, asked only where a group can write
 * @throws KeelError `folder-of-others` (exit 2)
 */
export function checkOwnFolder(folder: OwnFolder, accounts: () => Accounts = systemAccounts): void {
  // as it is named, where a link could be exchanged, and where it is
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

/** Makes the folder, readable by nobody else, where it is missing. @throws KeelError `folder-of-others` (exit 2) */
export function makeOwnFolder(folder: OwnFolder): void {
  checkOwnFolder(folder)
  mkdirSync(folder.path, { recursive: true, mode: 0o700 })
  // one that came meanwhile is somebody else's
  checkOwnFolder(folder)
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

/** In a sticky folder (/tmp, /dev/shm) nobody can exchange what belongs to others. */
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
