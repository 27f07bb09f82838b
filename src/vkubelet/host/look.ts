import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import { volumeKey, type World } from '../reconcile/world.ts'
import { PROPERTIES, shownUnits } from '../state/shown-units.ts'
import type { HostFolders } from './host-folders.ts'
import { directoriesOf } from './pod-directories.ts'
import { hostUsers } from './pod-users.ts'
import { systemctl } from './systemctl.ts'
import { digestsOf } from './volume-folders.ts'

const UNIT = /^vks(\..*\.service|(-.*)?\.slice)$/

/** What the host has of Pods. */
interface Seen {
  readonly units: World['units']
  readonly folders: World['folders']
  /** The digests of volumes. */
  readonly volumes: World['volumes']['seen']
  readonly users: World['users']
}

/** What the host has of Pods now: on its disk, and in systemd. */
export async function look(folders: HostFolders): Promise<Seen> {
  const [names, inMemory, onDisk, directories, users, answer] = await Promise.all([
    namesIn(folders.units),
    namesIn(folders.pods),
    namesIn(folders.disk),
    directoriesOf(folders),
    hostUsers(),
    systemctl('show', '--timestamp=us+utc', `--property=${PROPERTIES.join(',')}`, '--', 'vks.*.service', 'vks*.slice'),
  ])
  const files = await Promise.all(names.filter((name) => UNIT.test(name)).map((name) => fileOf(folders.units, name)))
  const volumes = await Promise.all(
    inMemory.map(async (uid) =>
      (await digestsOf(folders, uid)).map(([name, is]) => [volumeKey({ uid }, name), is] as const),
    ),
  )
  const texts = new Map(files.flat())
  const shown = shownUnits(answer)
  const all = new Set([...texts.keys(), ...shown.keys()])
  const units = [...all].map((unit) => {
    const [text, loaded] = [texts.get(unit), shown.get(unit)]
    return [
      unit,
      { ...(text === undefined ? {} : { text }), ...(loaded === undefined ? {} : { shown: loaded }) },
    ] as const
  })
  return {
    units: new Map(units),
    folders: new Set([...inMemory, ...onDisk, ...directories]),
    volumes: new Map(volumes.flat()),
    users,
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
}

/** @returns nothing for one that was removed meanwhile, and for what is no file: who writes it fails, and no other Pod */
async function fileOf(folder: string, name: string): Promise<readonly (readonly [string, string])[]> {
  try {
    return [[name, await readFile(join(folder, name), 'utf8')]]
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EISDIR')) return []
    throw error
  }
}
