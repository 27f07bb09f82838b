import type { HostState } from '../desired/host-state.ts'
import { renderDebian } from './debian/render.ts'
import { renderFlatcar } from './flatcar/render.ts'
import { renderNixos } from './nixos/render.ts'
import type { Rendered } from './rendered.ts'

/** HostState → what that host's operating system needs. */
export function renderHost(state: HostState): Rendered {
  if (state.os === 'debian') return renderDebian(state)
  if (state.os === 'flatcar') return renderFlatcar(state)
  return renderNixos(state)
}
