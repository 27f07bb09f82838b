import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from '../../errors.ts'
import type { World } from '../reconcile/world.ts'
import { PROPERTIES, shownUnits } from '../state/shown-units.ts'
import type { HostFolders } from './host-folders.ts'
import { systemctl } from './systemctl.ts'

const UNIT = /^vks(\..*\.service|-.*\.slice)$/

/** What the host has of Pods now: on its disk, and in systemd. */
export async function look({ units: folder, pods }: HostFolders): Promise<Pick<World, 'units' | 'folders'>> {
  const [names, folders, answer] = await Promise.all([
    namesIn(folder),
    namesIn(pods),
    systemctl('show', '--timestamp=us+utc', `--property=${PROPERTIES.join(',')}`, '--', 'vks.*.service', 'vks-*.slice'),
  ])
  const files = await Promise.all(names.filter((name) => UNIT.test(name)).map((name) => fileOf(folder, name)))
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
  return { units: new Map(units), folders: new Set(folders) }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
}

/** @returns nothing for one that was removed meanwhile */
async function fileOf(folder: string, name: string): Promise<readonly (readonly [string, string])[]> {
  try {
    return [[name, await readFile(join(folder, name), 'utf8')]]
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}
