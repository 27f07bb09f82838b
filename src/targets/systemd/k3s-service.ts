import type { HostState } from '../../desired/host-state.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import { byPart, eachPart } from '../../parts/by-part.ts'
import { ownText, type TextOf } from '../../parts/shared-text.ts'
import unitTemplate from '../../templates/systemd/k3s.service.hbs'
import { template } from '../../templates/template.ts'
import type { FilesRendered, PlacedCredential } from '../rendered.ts'
import { k3sFiles } from './k3s-files.ts'

const unitText = template<{
  role: string
  interface: string | undefined
  after: string | undefined
  conditions: readonly string[]
  credentials: readonly PlacedCredential[]
  environment: readonly { name: string; id: string }[]
}>(unitTemplate)

/** What only some systems need of the unit. */
export interface ServiceOptions {
  /** A unit that k3s pulls in and waits for. */
  readonly after?: string
  /** For texts that hosts of a cluster share. */
  readonly textOf?: TextOf
  /** Without these paths it does not start, and systemd does not count that as a failure. */
  readonly conditions?: readonly string[]
}

/**
 * k3s on a system that keel writes units for: its unit, its encrypted credentials, the folders it finds, the cluster's
 * CA, and every part of the host.
 */
export function k3sService(
  state: HostState,
  { after, conditions = [], textOf = ownText }: ServiceOptions = {},
): Pick<
  FilesRendered,
  | 'host'
  | 'role'
  | 'node'
  | 'access'
  | 'past'
  | 'places'
  | 'ports'
  | 'services'
  | 'files'
  | 'credentials'
  | 'directories'
  | 'once'
  | 'parts'
> {
  const { distribution } = state
  const { unit } = ofNode(distribution.services)
  const credentials = placedCredentials(state)
  const content = unitText({
    role: state.role,
    interface: distribution.k3s.interface,
    after,
    conditions,
    credentials,
    environment: Object.entries(distribution.k3s.credentialFiles).map(([name, id]) => ({ name, id })),
  })
  const file = { path: `/etc/systemd/system/${unit}`, content, mode: '0644', owner: 'root', group: 'root', readAtStartBy: unit }
  const placements = placementsOf(state, textOf)
  return {
    host: state.host,
    role: state.role,
    node: state.node,
    access: distribution.access,
    past: distribution.past,
    places: distribution.places,
    ports: distribution.ports,
    services: distribution.services,
    credentials,
    files: [...k3sFiles(state), file, ...placements.flatMap(({ files }) => files)],
    directories: eachOnce([...directoriesOf(state), ...placements.flatMap(({ directories = [] }) => directories)]),
    parts: byPart<'placed'>(({ name }) => placements.find((placement) => placement.name === name)?.placed),
    once: distribution.once,
  }
}

function placementsOf({ parts }: HostState, textOf: TextOf) {
  return eachPart(parts, (part, wanted) => {
    const placement = part.place?.(wanted, textOf)
    return placement === undefined ? [] : [{ name: part.name, ...placement }]
  })
}

function eachOnce(directories: FilesRendered['directories']): FilesRendered['directories'] {
  return directories.filter(({ path }, index) => directories.findIndex((other) => other.path === path) === index)
}

export function placedCredentials({ distribution: { credentials } }: HostState): readonly PlacedCredential[] {
  return credentials.map((credential) => ({ ...credential, path: `/etc/credstore.encrypted/${credential.id}` }))
}

/**
 * k3s keeps the mode of folders it finds: folders that keel makes first are as closed as those of k3s (docs/k3s.md,
 * Files).
 */
function directoriesOf(state: HostState): FilesRendered['directories'] {
  const server = [
    { path: k3sPaths.server, mode: '0700' },
    { path: `${k3sPaths.server}/tls`, mode: '0700' },
    { path: k3sPaths.manifests, mode: '0700' },
  ]
  return [
    { path: '/etc/credstore.encrypted', mode: '0700' },
    { path: k3sPaths.configuration, mode: '0755' },
    { path: k3sPaths.data, mode: '0755' },
    ...(state.role === 'server' ? server : []),
  ]
}
