import { checkInline } from '../inline/check-inline.ts'
import type { Report } from '../report.ts'
import { type ButaneConfig, config, directory, dropin, file, resource, tree, unit } from '../schema/config.ts'
import type { Version } from '../versions.ts'
import { below, butaneCheck, type Check, runChecks } from './check.ts'
import { mountUnitChecks } from './storage/filesystems.ts'
import { checkDecimalMode } from './storage/modes.ts'

const checks: readonly Check[] = [
  butaneCheck(resource, ({ local, inline, source }, place) => {
    const given = Object.entries({ local, inline, source }).filter(([, value]) => value !== undefined)
    const [last] = given.at(-1) ?? []
    if (given.length > 1 && last !== undefined) {
      place.report.error(
        below(place, last).path,
        'contents come from one place: say `inline`, `local` or `source`, not several',
      )
    } else if (inline !== undefined && place.path[0] === 'ignition' && place.path[1] === 'config') {
      checkInline(inline, place)
    }
  }),
  ...mountUnitChecks,
  butaneCheck(directory, ({ mode }, place) => checkDecimalMode(mode, 'directory', place)),
  butaneCheck(file, ({ mode }, place) => checkDecimalMode(mode, 'file', place)),
  butaneCheck(tree, ({ local }, { path, report }) => {
    if (local === '') report.error(path, 'a tree needs `local`, the directory that it is copied from')
  }),
  ...[unit, dropin].map((kind) =>
    butaneCheck(kind, ({ contents, contentsLocal }, place) => {
      if (contents === undefined || contentsLocal === undefined) return
      place.report.error(
        below(place, 'contents_local').path,
        'only one of the following can be set: contents, contents_local',
      )
    }),
  ),
]

/** All checks before the translation. Paths have the spelling of YAML. */
export function checkButane(value: ButaneConfig, version: Version, report: Report): void {
  runChecks(checks, config, value, 'butane', { path: [], report, version })
}
