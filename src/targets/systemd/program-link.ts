import type { WantedLink } from '../../desired/host-state.ts'
import type { UnitName } from '../../model/systems/unit-name.ts'

/** The link that a program is found by. @param unit that runs it, if one does */
export function programLink(path: string, target: string, unit: UnitName | undefined): WantedLink {
  return { path, target, ...(unit === undefined ? {} : { readAtStartBy: unit }) }
}
