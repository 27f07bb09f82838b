import { directory, file, link, owner, ownerGroup } from '../../schema/config.ts'
import { below, type Check, ignitionCheck, type Place } from '../check.ts'
import { checkMode } from './modes.ts'
import { checkPath } from './paths.ts'

/** Checks each file, directory and link by itself. */
export const nodeChecks: readonly Check[] = [
  ignitionCheck(directory, ({ path, mode }, place) => {
    checkPath(path, below(place, 'path'))
    checkMode(mode, place)
  }),
  ignitionCheck(file, ({ path, mode, overwrite, contents }, place) => {
    checkPath(path, below(place, 'path'))
    checkMode(mode, place)
    if (overwrite === true && contents.source === undefined) {
      place.report.error(below(place, 'overwrite').path, '`overwrite: true` needs contents to write')
    }
  }),
  ignitionCheck(link, ({ path }, place) => checkPath(path, below(place, 'path'))),
  ignitionCheck(owner, checkIdentity),
  ignitionCheck(ownerGroup, checkIdentity),
]

function checkIdentity(
  { id, name }: { readonly id: bigint | undefined; readonly name: string | undefined },
  { path, report }: Place,
): void {
  if (id !== undefined && name !== undefined && name !== '') report.error(path, 'cannot set both id and name')
}
