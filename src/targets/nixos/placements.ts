import type { HostState } from '../../desired/host-state.ts'
import { eachPart } from '../../parts/by-part.ts'
import type { NixSet } from '../../parts/part.ts'
import type { NixValue } from '../../templates/nix-text.ts'

/** What a host's parts bring to its module, in the order of its start. */
export function placementsOf(state: HostState) {
  return eachPart(state.parts, (part, wanted) => {
    const placement = part.placeInNixos?.(wanted, state)
    return placement === undefined ? [] : [{ name: part.name, ...placement }]
  })
}

/** Sets as one, in their order. A name that two of them have would silently be only one's. */
export function together(...sets: readonly (NixSet | undefined)[]): NixSet {
  const merged = new Map<string, NixValue>()
  for (const [name, value] of sets.flatMap((set = {}) => Object.entries(set))) {
    if (merged.has(name)) throw new Error(`${name} is set twice in the module`)
    merged.set(name, value)
  }
  return Object.fromEntries(merged)
}
