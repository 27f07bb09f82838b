import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import { eachPart } from '../../parts/by-part.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/**
 * Servers out of the deploy whose VRRP peers are in a system that is yet to be built: they can't be told of a new one
 * beforehand, as others are (`admit-node`), and a server that hears nobody takes the cluster's address beside its
 * owner. Pure.
 * @param arriving servers that the cluster does not know yet
 */
export function unawarePeers(arriving: readonly Host[], others: readonly SeenHost[]): readonly Fault[] {
  const [newcomer] = arriving
  if (newcomer === undefined) return []
  return others.flatMap(({ host, rendered, facts }) => {
    if (rendered.kind !== 'system' || facts.kind !== 'system') return []
    if (facts.nixos.record?.module === rendered.module) return []
    return eachPart(rendered.parts, (part, placed) => {
      const why = part.harmOfUnknown?.(placed, newcomer.name)
      return why === undefined ? [] : [unaware(host, newcomer, why)]
    })
  })
}

function unaware(host: Host, newcomer: Host, why: string): Fault {
  return {
    code: 'peers-unaware',
    at: host.name,
    found: `its system is not up to date, and does not know ${newcomer.name}`,
    why,
    todo: `deploy it, too: \`keel deploy ${host.name} ${newcomer.name}\``,
  }
}
