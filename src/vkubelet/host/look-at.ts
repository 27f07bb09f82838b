import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasCode } from '../../errors.ts'
import type { SeenUnit } from '../reconcile/world.ts'
import { PROPERTIES, shownUnits } from '../state/shown-units.ts'
import type { HostFolders } from './host-folders.ts'
import { systemctl } from './systemctl.ts'

/** What the host has of one unit now. @throws Error of the system, or systemctl's words */
export async function lookAt({ units }: Pick<HostFolders, 'units'>, unit: string): Promise<SeenUnit> {
  const [text, answer] = await Promise.all([
    readFile(join(units, basename(unit)), 'utf8').catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return undefined
      throw error
    }),
    systemctl('show', '--timestamp=us+utc', `--property=${PROPERTIES.join(',')}`, '--', unit),
  ])
  const shown = shownUnits(answer).get(unit)
  return { ...(text === undefined ? {} : { text }), ...(shown === undefined ? {} : { shown }) }
}

/** The main process of a unit; undefined where none runs. */
export async function mainProcess(unit: string): Promise<number | undefined> {
  const answer = (await systemctl('show', '--property=MainPID', '--value', '--', unit)).trim()
  return /^[1-9]\d{0,9}$/.test(answer) ? Number(answer) : undefined
}
