import { randomBytes } from 'node:crypto'
import { chmod, chown, lstat, mkdir, open, readdir, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hasCode } from '../../errors.ts'
import { bytesOfFiles, type VolumeContent } from '../pod/resolve-volume.ts'
import type { VolumeOwner } from '../pod/volume-owner.ts'
import type { HostFolders } from './host-folders.ts'
import { keepRoom } from './keep-room.ts'
import { mountMemory } from './memory-mounts.ts'

/** Whose volume it is. */
interface VolumeRef {
  readonly uid: string
  readonly name: string
}

/**
 * Makes the folder of a volume what it has to be, also where an earlier try was cut off.
 * @throws Error of the system
 */
export async function writeVolume(
  folders: HostFolders,
  { uid, name }: VolumeRef,
  content: VolumeContent,
  digest: string,
): Promise<void> {
  const volumes = join(folders.pods, uid, 'volumes')
  for (const folder of [join(folders.pods, uid), volumes]) await mkdir(folder, { recursive: true, mode: 0o700 })
  if (content.kind === 'files') await keepRoom(volumes, { files: content.files.size, bytes: bytesOfFiles(content) })
  for (const [of, , marker] of await markersIn(volumes)) if (of === name) await rm(join(volumes, marker))
  if (content.kind === 'files') await writeFiles(join(volumes, name), content)
  else if (content.kind === 'empty') await makeEmpty(folders, { uid, name }, content)
  else if (content.isMade && (await mkdir(content.path, { recursive: true })) !== undefined)
    await chmod(content.path, 0o755)
  // it comes last, and goes first: so the volume has what it says
  await writeFile(join(volumes, `${name}.${digest}`), '', { mode: 0o600 })
}

/** The digests of the volumes of a Pod, by name. */
export async function digestsOf({ pods }: HostFolders, uid: string): Promise<readonly (readonly [string, string])[]> {
  const markers = await markersIn(join(pods, uid, 'volumes'))
  return markers.map(([name, digest]) => [name, digest])
}

/** Empty files, whose names say all: a look at a hundred Pods opens none. No volume has a dot in its name. */
async function markersIn(volumes: string) {
  const names = await readdir(volumes).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return []
    throw error
  })
  return names.flatMap((marker) => {
    const [, name, digest] = /^([a-z0-9-]{1,63})\.([0-9a-f]{32})$/.exec(marker) ?? []
    return name === undefined || digest === undefined ? [] : [[name, digest, marker] as const]
  })
}

const LINK = '..data'

/**
 * As kubelet does (pkg/volume/util/atomic_writer.go): the files are in a new folder, one rename makes the link `..data` lead
 * there, and the names in the volume are links through it. So a program sees all old files or all new ones, and a folder
 * that is bound into a unit shows them at once.
 */
async function writeFiles(folder: string, { files, owner }: VolumeContent & { kind: 'files' }): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o755 })
  await own(folder, owner, 0o755)
  const before = await readlink(join(folder, LINK)).catch(() => undefined)
  const fresh = `..${new Date().toISOString().replace(/[-:T.Z]/g, '_')}${randomBytes(4).toString('hex')}`
  await mkdir(join(folder, fresh), { mode: 0o755 })
  await own(join(folder, fresh), owner, 0o755)
  for (const [path, { bytes, mode, user }] of files) {
    const parts = dirname(path) === '.' ? [] : dirname(path).split('/')
    for (let length = 1; length <= parts.length; length++) {
      const inner = join(folder, fresh, ...parts.slice(0, length))
      if (await isMade(inner)) await own(inner, owner, 0o755)
    }
    await writeNew(join(folder, fresh, path), bytes, {
      user: user ?? owner.user,
      group: owner.group,
      // as kubelet gives a read-only volume to its group
      mode: owner.isShared ? mode | 0o440 : mode,
    })
  }
  await rm(join(folder, `${LINK}_tmp`), { force: true })
  await symlink(fresh, join(folder, `${LINK}_tmp`))
  await rename(join(folder, `${LINK}_tmp`), join(folder, LINK))
  const names = new Set([...files.keys()].map((path) => path.split('/')[0] ?? path))
  for (const name of names) await link(join(LINK, name), join(folder, name))
  for (const old of await readdir(folder)) {
    const isKept = names.has(old) || old === LINK || old === fresh
    if (!isKept) await rm(join(folder, old), { recursive: true, force: true })
  }
  // an older folder may be left by a try that was cut off; the one that was in use is gone with the others
  if (before !== undefined && before !== fresh) await rm(join(folder, before), { recursive: true, force: true })
}

async function isMade(path: string): Promise<boolean> {
  try {
    await mkdir(path, { mode: 0o755 })
    return true
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false
    throw error
  }
}

async function link(target: string, path: string): Promise<void> {
  await symlink(target, path).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error
  })
}

interface Given {
  readonly user: number
  readonly group: number
  readonly mode: number
}

/** From its first byte on, a file is for nobody but its owner. */
async function writeNew(path: string, bytes: Buffer, { user, group, mode }: Given): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(bytes)
    await file.chown(user, group)
    await file.chmod(mode)
  } finally {
    await file.close()
  }
}

/** @param mode without the part of the group, which a folder that is shared passes on to all that is made in it */
async function own(path: string, { user, group, isShared }: VolumeOwner, mode: number): Promise<void> {
  await chown(path, user, group)
  await chmod(path, isShared ? mode | 0o2050 : mode)
}

/** An empty folder, once: what a Pod has written stays. */
async function makeEmpty(
  folders: HostFolders,
  { uid, name }: VolumeRef,
  { medium, limit, folders: inner, owner }: VolumeContent & { kind: 'empty' },
): Promise<void> {
  const parent = join(medium === 'disk' ? folders.disk : folders.pods, uid, 'volumes')
  for (const one of [dirname(parent), parent]) await mkdir(one, { recursive: true, mode: 0o700 })
  const folder = join(parent, name)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (medium === 'memory') await mountMemory(folder, limit)
  await own(folder, owner, owner.isShared ? 0o2770 : 0o777)
  for (const path of inner) await makeInner(folder, path, owner)
}

/** Folders that no container can have changed (read-mounts.ts): so none of them is a link, and this says so. */
async function makeInner(folder: string, path: string, owner: VolumeOwner): Promise<void> {
  let at = folder
  for (const part of path.split('/')) {
    at = join(at, part)
    if (await isMade(at)) await own(at, owner, owner.isShared ? 0o2770 : 0o777)
    else if (!(await lstat(at)).isDirectory()) throw new Error(`${at} is no folder`)
  }
}
