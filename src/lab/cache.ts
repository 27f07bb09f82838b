import { homedir } from 'node:os'
import { join } from 'node:path'

/** What costs minutes to make and belongs to no lab: roots, k3s binaries, image archives. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  // an empty or relative XDG_CACHE_HOME counts as unset: XDG Base Directory Specification 0.8
  const xdg = env.XDG_CACHE_HOME
  return join(xdg?.startsWith('/') ? xdg : join(env.HOME ?? homedir(), '.cache'), 'keel')
}
