import { readdirSync, rmSync, statSync } from 'node:fs'
import { utimes } from 'node:fs/promises'
import { join } from 'node:path'

/** Three of k3s's patch versions, which come about once a month. */
const keptDays = 90

/**
 * From now on no keel takes it for forgotten. In a cache that is another's, or mounted read-only, it stays as old as it
 * is.
 */
export async function markUsed(file: string): Promise<void> {
  const now = new Date()
  await utimes(file, now, now).catch(() => {})
}

/**
 * Takes away what nobody has used for 90 days: artifacts, and what was left of a download whose keel was killed. They
 * are 75 MB each, and can be fetched again. What this keel may not remove, or another has removed meanwhile, is none of
 * its business.
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
