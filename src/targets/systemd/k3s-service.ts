import type { HostState } from '../../desired/host-state.ts'
import { k3sUnitName } from '../../desired/host-state-of.ts'
import { k3sRegistrationPath } from '../../desired/k3s-config.ts'
import { k3sPaths } from '../../model/k3s/paths.ts'
import { placeFirewall, type RulesText, rulesText } from '../../parts/firewall/place-firewall.ts'
import { placeHaVip } from '../../parts/ha-vip/place-ha-vip.ts'
import { placeAgent } from '../../parts/keel-agent/place-agent.ts'
import { placeVip } from '../../parts/keepalived/place-vip.ts'
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
  /** How rules are written: once for all hosts that have the same. */
  readonly rules?: RulesText
  /** Without these paths it does not start, and that is no failure. */
  readonly conditions?: readonly string[]
}

/** k3s on a system that keel writes units for: its unit, its encrypted credentials, the folders it finds, the cluster's CA, the firewall, the address
 * that moves, the keel-agent.
 */
export function k3sService(
  state: HostState,
  { after, conditions = [], rules = rulesText }: ServiceOptions = {},
): Pick<
  FilesRendered,
  | 'host'
  | 'role'
  | 'node'
  | 'access'
  | 'unit'
  | 'startFolder'
  | 'files'
  | 'credentials'
  | 'directories'
  | 'foundation'
  | 'firewall'
  | 'vip'
  | 'agent'
> {
  const unit = k3sUnitName(state.role)
  const credentials = placedCredentials(state)
  const content = unitText({
    role: state.role,
    interface: state.k3s.interface,
    after,
    conditions,
    credentials,
    environment: Object.entries(state.k3s.credentialFiles).map(([name, id]) => ({ name, id })),
  })
  const file = { path: `/etc/systemd/system/${unit}`, content, mode: '0644', owner: 'root', group: 'root', readAtStartBy: unit }
  const { files: firewallFiles, ...firewall } = placeFirewall(state.firewall, rules)
  const { files: vipFiles, ...vip } = placeVip(state.vip)
  const { files: agentFiles, directories: agentDirectories, ...agent } = placeAgent(state.keelAgent)
  return {
    ...firewall,
    ...vip,
    ...agent,
    host: state.host,
    role: state.role,
    node: state.node,
    access: state.distribution.access,
    unit,
    startFolder: { path: k3sPaths.roots.configuration, except: [k3sRegistrationPath] },
    credentials,
    files: [...k3sFiles(state), file, ...firewallFiles, ...vipFiles, ...placeHaVip(state.haVip), ...agentFiles],
    directories: eachOnce([...directoriesOf(state), ...agentDirectories]),
    ...(state.foundation === undefined
      ? {}
      : {
          foundation: {
            ...state.foundation,
            certificatePath: k3sPaths.serverCa,
            keyPath: k3sPaths.serverCaKey,
          },
        }),
  }
}

function eachOnce(directories: FilesRendered['directories']): FilesRendered['directories'] {
  return directories.filter(({ path }, index) => directories.findIndex((other) => other.path === path) === index)
}

export function placedCredentials({ credentials }: HostState): readonly PlacedCredential[] {
  return credentials.map((credential) => ({ ...credential, path: `/etc/credstore.encrypted/${credential.id}` }))
}

/** k3s keeps the mode of folders it finds: where keel makes them first they are as closed as k3s's own (docs/k3s.md, Files). */
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
