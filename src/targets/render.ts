import { clusterStateOf } from '../desired/cluster-state.ts'
import type { HostState } from '../desired/host-state.ts'
import { hostStateOf } from '../desired/host-state-of.ts'
import type { Surroundings } from '../desired/surroundings.ts'
import { KeelError } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { sharedTexts, type TextOf } from '../parts/shared-text.ts'
import { renderDebian } from './debian/render.ts'
import { renderFlatcar } from './flatcar/render.ts'
import { renderNixos } from './nixos/render.ts'
import type { Rendered } from './rendered.ts'

/** HostState → what that host's operating system needs. Pure. */
export function renderHost({ name, os, nixos }: Host, state: HostState, textOf?: TextOf): Rendered {
  switch (os) {
    case 'debian':
      return renderDebian(state, textOf)
    case 'flatcar':
      return renderFlatcar(state, textOf)
    case 'nixos':
      if (nixos === undefined)
        throw new KeelError({ code: 'nixos-system', at: `hosts/${name}`, found: 'no system for a NixOS host' })
      return renderNixos(state, nixos)
  }
}

/** The same from the cluster, for one host after the other: what they share is made once. */
export function rendererOf(cluster: Cluster, surroundings: Surroundings): (host: Host) => Rendered {
  const state = clusterStateOf(cluster, surroundings)
  const textOf = sharedTexts()
  return (host) => renderHost(host, hostStateOf(state, host, surroundings), textOf)
}

/** The same for one host alone. Pure. */
export function renderedOf(cluster: Cluster, host: Host, surroundings: Surroundings): Rendered {
  return rendererOf(cluster, surroundings)(host)
}
