import type { HostState } from '../desired/host-state.ts'
import { KeelError } from '../errors.ts'
import { renderDebian } from './debian/render.ts'
import { renderFlatcar } from './flatcar/render.ts'
import type { Rendered } from './rendered.ts'

/** HostState → what that host's operating system needs. @throws KeelError for a system that keel does not deploy yet */
export function renderHost(state: HostState): Rendered {
  if (state.os === 'debian') return renderDebian(state)
  if (state.os === 'flatcar') return renderFlatcar(state)
  throw new KeelError({
    code: 'os-not-yet',
    at: `hosts/${state.host}`,
    found: `os: '${state.os}'`,
    why: 'this version of keel deploys Debian (and other plain systemd) and Flatcar hosts',
    todo: 'name the other hosts on the command line, or wait for the version that brings it',
  })
}
