import type { HostState } from '../../desired/host-state.ts'
import { ofNode } from '../../model/distribution/service.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import unitTemplate from '../../templates/systemd/k3s.service.hbs'
import { template } from '../../templates/template.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import type { FilesRendered, PlacedCredential } from '../rendered.ts'
import type { DistributionFiles } from './host-on-systemd.ts'
import { k3sFiles, secretFlagLinks } from './k3s-files.ts'
import { placedCredentials } from './placed-credentials.ts'

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
  /** Without these paths it does not start, and systemd does not count that as a failure. */
  readonly conditions?: readonly string[]
}

/** k3s on a system that keel writes units for: its unit, what it reads, and the folders that it finds. */
export function k3sService(state: HostState, { after, conditions = [] }: ServiceOptions = {}): DistributionFiles {
  const { distribution } = state
  const { unit } = ofNode(distribution.services)
  const k3s = k3sServiceOf(state)
  const content = unitText({
    role: state.role,
    interface: k3s.interface,
    after,
    conditions,
    credentials: placedCredentials(state),
    environment: Object.entries(k3s.credentialFiles).map(([name, id]) => ({ name, id })),
  })
  const file = {
    path: `/etc/systemd/system/${unit}`,
    content,
    mode: '0644',
    owner: 'root',
    group: 'root',
    readAtStartBy: unit,
  }
  return { files: [...k3sFiles(state), file], links: secretFlagLinks(state), directories: directoriesOf(state) }
}

/**
 * k3s keeps the mode of folders it finds: folders that keel makes first are as closed as those of k3s (docs/k3s.md,
 * Files).
 */
function directoriesOf({ role }: HostState): FilesRendered['directories'] {
  const server = [
    { path: k3sPaths.server, mode: '0700' },
    { path: `${k3sPaths.server}/tls`, mode: '0700' },
    { path: k3sPaths.manifests, mode: '0700' },
  ]
  return [
    { path: k3sPaths.configuration, mode: '0755' },
    { path: k3sPaths.data, mode: '0755' },
    ...(role === 'server' ? server : []),
  ]
}
