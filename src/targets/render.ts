import type { HostState } from '../desired/host-state.ts'
import { hostStateOf, type Surroundings } from '../desired/host-state-of.ts'
import { KeelError } from '../errors.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { renderDebian } from './debian/render.ts'
import { renderFlatcar } from './flatcar/render.ts'
import { renderNixos } from './nixos/render.ts'
import type { Rendered } from './rendered.ts'

/** HostState → what that host's operating system needs. Pure. */
export function renderHost({ name, os, nixos }: Host, state: HostState): Rendered {
  switch (os) {
    case 'debian':
      return renderDebian(state)
    case 'flatcar':
      return renderFlatcar(state)
    case 'nixos':
      if (nixos === undefined)
        throw new KeelError({ code: 'nixos-system', at: `hosts/${name}`, found: 'no system for a NixOS host' })
      return renderNixos(state, nixos)
  }
}

/** The same from the cluster. Pure. */
export function renderedOf(cluster: Cluster, host: Host, surroundings: Surroundings): Rendered {
  return renderHost(host, hostStateOf(cluster, host, surroundings))
}
