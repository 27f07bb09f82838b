import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

export interface Pair {
  /** PEM, with its chain. */
  readonly certificate: string
  /** PEM. Secret. */
  readonly key: string
}

interface Paths {
  readonly certificate: string
  readonly key: string
}

/**
 * Replaces a certificate and its key at once. Both are in a folder of their own, and both paths lead through one link,
 * which one rename replaces. So they fit whenever the agent is killed.
 * @param paths in the same folder, which exists
 * @throws Error of the system, with the pair before still in its place
 */
export async function keepPair(paths: Paths, { certificate, key }: Pair): Promise<void> {
  const folder = dirname(paths.certificate)
  const prefix = `.${basename(paths.certificate)}-`
  const current = `${prefix}current`
  const name = `${prefix}${randomBytes(8).toString('hex')}`
  try {
    await mkdir(join(folder, name), { mode: 0o700 })
    await write(join(folder, name, 'certificate'), certificate)
    await write(join(folder, name, 'key'), key)
    await replaceLink(join(folder, current), name)
    await replaceLink(paths.key, join(current, 'key'))
    await replaceLink(paths.certificate, join(current, 'certificate'))
  } finally {
    await removeOthers(folder, prefix, current)
  }
}

async function write(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
    // a power cut must not leave an empty file behind the new link
    await file.sync()
  } finally {
    await file.close()
  }
}

async function replaceLink(path: string, target: string): Promise<void> {
  if ((await readlink(path).catch(() => undefined)) === target) return
  const fresh = `${path}.new`
  await rm(fresh, { force: true })
  await symlink(target, fresh)
  await rename(fresh, path)
}

/** Removes all pairs but the current one: the one before, and what a killed agent has left. */
async function removeOthers(folder: string, prefix: string, current: string): Promise<void> {
  const kept = await readlink(join(folder, current)).catch(() => undefined)
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || name === current || name === kept) continue
    if ((await lstat(join(folder, name))).isDirectory()) await rm(join(folder, name), { recursive: true, force: true })
  }
}
