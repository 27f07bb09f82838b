import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where keel keeps what it can make or fetch again: artifacts by hash, and the lab's roots, binaries and images. */
export function cacheDirectory(env: Readonly<Record<string, string | undefined>>): string {
  // an empty or relative XDG_CACHE_HOME counts as unset: XDG Base Directory Specification 0.8
  const xdg = env.XDG_CACHE_HOME
  return join(xdg?.startsWith('/') ? xdg : join(env.HOME ?? homedir(), '.cache'), 'keel')
}
