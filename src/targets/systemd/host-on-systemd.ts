import type { HostState } from '../../desired/host-state.ts'
import { byPart, eachPart } from '../../parts/by-part.ts'
import type { PushedPrograms } from '../../parts/part.ts'
import { ownText, type TextOf } from '../../parts/shared-text.ts'
import type { FilesRendered } from '../rendered.ts'
import { credentialStore, placedCredentials } from './placed-credentials.ts'

/** What a distribution has on a host: the units of its services, what they read, and the folders that they find. */
export type DistributionFiles = Pick<FilesRendered, 'files' | 'links' | 'directories'>

/**
 * A host on a system that keel writes units for: its distribution, its encrypted credentials, and every part of it.
 * Programs come to each system in another way.
 */
export function hostOnSystemd(
  state: HostState,
  own: DistributionFiles,
  programs: PushedPrograms,
  textOf: TextOf = ownText,
): Omit<FilesRendered, 'kind' | 'artifacts' | 'extensions'> {
  const { distribution } = state
  const placements = placementsOf(state, textOf, programs)
  return {
    distribution: distribution.own.kind === 'node-alone' ? distribution.own.of : distribution.own.kind,
    host: state.host,
    role: state.role,
    node: state.node,
    access: distribution.access,
    past: distribution.past,
    places: distribution.places,
    ports: distribution.ports,
    ...(distribution.vkubelet === undefined ? {} : { isSystemdNode: true as const }),
    services: distribution.services,
    credentials: placedCredentials(state),
    files: [...own.files, ...placements.flatMap(({ files }) => files)],
    links: own.links,
    directories: eachOnce([
      { path: credentialStore, mode: '0700' },
      ...own.directories,
      ...placements.flatMap(({ directories = [] }) => directories),
    ]),
    parts: byPart<'placed'>(({ name }) => placements.find((placement) => placement.name === name)?.placed),
    once: distribution.once,
    ...(distribution.permit === undefined ? {} : { permit: distribution.permit }),
  }
}

function placementsOf({ parts }: HostState, textOf: TextOf, programs: PushedPrograms) {
  return eachPart(parts, (part, wanted) => {
    const placement = part.place?.(wanted, textOf, programs)
    return placement === undefined ? [] : [{ name: part.name, ...placement }]
  })
}

function eachOnce(directories: FilesRendered['directories']): FilesRendered['directories'] {
  return directories.filter(({ path }, index) => directories.findIndex((other) => other.path === path) === index)
}
