import type { HostState } from '../../desired/host-state.ts'
import { unitRunning } from '../../model/distribution/service.ts'
import type { TextOf } from '../../parts/shared-text.ts'
import type { FilesRendered, PlacedArtifact } from '../rendered.ts'
import { hostOnSystemd } from '../systemd/host-on-systemd.ts'
import { k3sService } from '../systemd/k3s-service.ts'
import { programLink } from '../systemd/program-link.ts'

/** Beside the system's programs and not in /var, because a hardened host mounts /var noexec. */
const programs = '/usr/local/lib/keel'

/**
 * HostState → a Debian (or any systemd) host: k3s as a binary under /usr/local, a unit of keel's, encrypted
 * credentials. Pure.
 */
export function renderDebian(state: HostState, textOf?: TextOf): FilesRendered {
  const host = hostOnSystemd(state, k3sService(state), textOf)
  // the hash in the name lets two versions be side by side
  const artifacts = state.distribution.artifacts.map(
    (from): PlacedArtifact => ({
      name: from.name,
      version: from.version,
      path: `${programs}/${from.name}-${from.sha256.slice(0, 16)}`,
      mode: '0755',
      sha256: from.sha256,
      from,
      form: 'program',
    }),
  )
  return {
    ...host,
    kind: 'files',
    artifacts,
    links: [
      ...artifacts.map(({ name, path }) =>
        programLink(`/usr/local/bin/${name}`, path, unitRunning(host.services, name)),
      ),
      ...host.links,
    ],
    directories: [{ path: programs, mode: '0755' }, ...host.directories],
    extensions: [],
  }
}
