import { readdirSync, rmSync, statSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** As long as three patch versions of k3s take, which come about once a month. */
const keptDays = 90

/**
 * Marks a file as used, so that no keel deletes it. In a cache of another user, or on a read-only mount, its age does
 * not change.
 */
export async function markUsed(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now).catch(() => {})
}

/**
 * Removes what nobody has used for 90 days: artifacts, and the remains of a download whose keel was killed. They have
 * 75 MB or more each, and keel can download them again. It ignores files that it may not remove, or that another keel has
 * removed in the meantime.
 */
export function pruneArtifacts(folder: string): void {
  const oldest = Date.now() - keptDays * 86_400_000
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    try {
      // without a pause after the check, in which another keel could begin to use it
      if (statSync(file).mtimeMs < oldest) rmSync(file)
    } catch {}
  }
}
