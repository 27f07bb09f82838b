import type { HostState } from '../../desired/host-state.ts'
import { k3sUnitName } from '../../desired/host-state-of.ts'
import { k3sDataDirectory } from '../../desired/k3s-config.ts'
import unitTemplate from '../../templates/systemd/k3s.service.hbs'
import { template } from '../../templates/template.ts'
import { placeFirewall } from '../firewall/place-firewall.ts'
import type { PlacedCredential, Rendered } from '../rendered.ts'
import { placeHaVip } from '../vip/place-ha-vip.ts'
import { placeVip } from '../vip/place-vip.ts'

const unitText = template<{
  role: string
  interface: string | undefined
  credentials: readonly PlacedCredential[]
  environment: readonly { name: string; id: string }[]
}>(unitTemplate)

/** HostState → a Debian (or any systemd) host: k3s as a binary under /usr/local, a unit of keel's, encrypted credentials. Pure. */
export function renderDebian(state: HostState): Rendered {
  const unit = k3sUnitName(state.role)
  const artifacts = state.artifacts.map((artifact) => ({
    ...artifact,
    path: artifactPath(artifact.name, artifact.sha256),
    mode: '0755',
  }))
  const credentials = state.credentials.map((credential) => ({
    ...credential,
    path: `/etc/credstore.encrypted/${credential.id}`,
  }))
  const content = unitText({
    role: state.role,
    interface: state.k3s.interface,
    credentials,
    environment: Object.entries(state.k3s.credentialFiles).map(([name, id]) => ({ name, id })),
  })
  const { files: firewallFiles, ...firewall } = placeFirewall(state.firewall)
  const { files: vipFiles, ...vip } = placeVip(state.vip)
  return {
    host: state.host,
    artifacts,
    files: [
      ...state.files,
      { path: `/etc/systemd/system/${unit}`, content, mode: '0644', owner: 'root', group: 'root', restartsK3s: true },
      ...firewallFiles,
      ...vipFiles,
      ...placeHaVip(state.haVip),
    ],
    links: [
      ...artifacts.map(({ name, path }) => ({ path: `/usr/local/bin/${name}`, target: path, restartsK3s: true })),
      ...state.links,
    ],
    directories: directoriesOf(state),
    credentials,
    unit,
    ...firewall,
    ...vip,
    ...(state.foundation === undefined
      ? {}
      : {
          foundation: {
            ...state.foundation,
            certificatePath: `${k3sDataDirectory}/server/tls/server-ca.crt`,
            keyPath: `${k3sDataDirectory}/server/tls/server-ca.key`,
          },
        }),
  }
}

/** Beside the system's programs, not in /var: a hardened host mounts that noexec. The hash in the name lets two versions stand side by side. */
function artifactPath(name: string, sha256: string): string {
  return `/usr/local/lib/keel/${name}-${sha256.slice(0, 16)}`
}

/** k3s keeps the mode of folders it finds: where keel makes them first they are as closed as k3s's own (facts: k3s.md, Files). */
function directoriesOf(state: HostState): Rendered['directories'] {
  const server = [
    { path: `${k3sDataDirectory}/server`, mode: '0700' },
    { path: `${k3sDataDirectory}/server/tls`, mode: '0700' },
    { path: `${k3sDataDirectory}/server/manifests`, mode: '0700' },
  ]
  return [
    { path: '/etc/credstore.encrypted', mode: '0700' },
    { path: '/usr/local/lib/keel', mode: '0755' },
    { path: '/etc/rancher/k3s', mode: '0755' },
    { path: k3sDataDirectory, mode: '0755' },
    ...(state.role === 'server' ? server : []),
  ]
}
