import type { Fault } from '../../errors.ts'
import { arriving, type ClusterView, silentServers } from '../view/cluster-view.ts'
import { wayIn } from '../view/ways-in.ts'

/** The first server may found the cluster only when it is known that no other has one. Pure. */
export function foundingBlind(view: ClusterView): readonly Fault[] {
  const founder = arriving(view).find(({ host }) => host.firstServer && wayIn(view, host) === undefined)
  if (founder === undefined) return []
  return silentServers(view).map((fault) => ({
    code: 'founding-blind',
    at: founder.host.name,
    found: `this host has no k3s data, and ${fault.at ?? 'another server'} did not answer whether it has data: ${fault.found}`,
    why: 'if that server has data, this host would found a second cluster',
    todo: 'start it, or remove it from the inventory until then',
  }))
}

/** A wiped first server on Debian joins its own cluster again; a NixOS module says that this host founds one. Pure. */
export function foundingAgain(view: ClusterView): readonly Fault[] {
  return arriving(view).flatMap(({ host }): Fault[] => {
    const other = host.os === 'nixos' && host.firstServer ? wayIn(view, host) : undefined
    if (other === undefined) return []
    return [
      {
        code: 'founding-again',
        at: host.name,
        found: `no k3s data on this host, but ${other.name} has the cluster's data`,
        why: 'its module would found a second cluster',
        todo: `write \`firstServer: '${other.name}'\` into hosts/cluster, then \`keel rekey\`, \`keel render\` and deploy again`,
      },
    ]
  })
}
