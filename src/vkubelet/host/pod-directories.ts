import { chmod, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import { DIRECTORIES } from '../units/directory-settings.ts'
import type { HostFolders } from './host-folders.ts'
import { removeTree } from './remove-tree.ts'

/**
 * The directories that systemd makes for Pods (StateDirectory= and its like). Those of a dynamic user are in `private`, and
 * a link leads there.
 */
function placesOf({ directories }: HostFolders): readonly string[] {
  return Object.values(directories).flatMap((base) => [join(base, DIRECTORIES), join(base, 'private', DIRECTORIES)])
}

/**
 * Makes the folders around them, in which nobody but root can look who is there: what a container that is root has written
 * is for others to read, by its mode, and the UID of its Pod is what they don't know.
 * @throws Error of the system
 */
export async function makePlaces({ directories }: HostFolders): Promise<void> {
  for (const base of Object.values(directories)) {
    await mkdir(join(base, DIRECTORIES), { recursive: true })
    await chmod(join(base, DIRECTORIES), 0o711)
  }
}

/** The UIDs of Pods that have one. */
export async function directoriesOf(folders: HostFolders): Promise<ReadonlySet<string>> {
  const names = await Promise.all(placesOf(folders).map(namesIn))
  return new Set(names.flat().map(uidOf))
}

/** Without following a link. */
export async function removeDirectories(folders: HostFolders, uid: string): Promise<void> {
  for (const place of placesOf(folders))
    for (const name of await namesIn(place)) if (uidOf(name) === uid) await removeTree(join(place, name))
}

/** A container of another user has a directory with the number after the UID. */
function uidOf(name: string): string {
  return name.replace(/\.\d+$/, '')
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
}
