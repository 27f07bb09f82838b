import { homedir } from 'node:os'
import { join } from 'node:path'
import { checkOwnFolder } from './own-folder.ts'

export const cacheVariable = 'XDG_CACHE_HOME'

/**
 * The folder for everything that keel can make or download again: artifacts by hash, and the roots, binaries and images
 * of the lab.
 * @throws KeelError `folder-of-others` (exit 2) if another user of this machine could replace them
 */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  // an empty or relative XDG_CACHE_HOME counts as unset: XDG Base Directory Specification 0.8
  const xdg = env.XDG_CACHE_HOME
  const path = join(xdg?.startsWith('/') ? xdg : join(env.HOME ?? homedir(), '.cache'), 'keel')
  checkOwnFolder({ path, variable: cacheVariable })
  return path
}
