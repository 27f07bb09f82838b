import { eachPart } from '../../parts/by-part.ts'
import type { HostNote } from '../plan.ts'
import type { SelectedHost } from '../view/cluster-view.ts'

/** What the parts of a host have to tell. Pure. */
export function notesOfParts({ host, rendered, facts }: SelectedHost): readonly HostNote[] {
  return eachPart(rendered.parts, (part, placed) => {
    const seen = facts.parts[part.name]
    return seen === undefined ? [] : part.note?.(placed, seen).map((note) => ({ ...note, at: host.name }))
  })
}
