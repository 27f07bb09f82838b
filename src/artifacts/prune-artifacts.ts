import { readdirSync, rmSync, statSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Three of k3s's patch versions, which come about once a month. */
const keptDays = 90

/**
 * Marks it as used, so that no keel deletes it. In a cache of another user, or on a read-only mount, its age does not
 * change.
 */
export async function markUsed(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now).catch(() => {})
}

/**
 * Removes what nobody has used for 90 days: artifacts, and what was left of a download whose keel was killed. They are
 * 75 MB each, and can be fetched again. Ignores files that it may not remove, or that another keel has removed
 * meanwhile.
 */
export function pruneArtifacts(folder: string): void {
  const oldest = Date.now() - keptDays * 86_400_000
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    try {
      // without a pause in between, in which another keel could begin to use it
      if (statSync(file).mtimeMs < oldest) rmSync(file)
    } catch {}
  }
}
