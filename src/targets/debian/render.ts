import type { Artifact, HostState } from '../../desired/host-state.ts'
import { unitRunning } from '../../model/distribution/service.ts'
import type { PushedPrograms } from '../../parts/part.ts'
import type { TextOf } from '../../parts/shared-text.ts'
import type { FilesRendered, PlacedArtifact } from '../rendered.ts'
import { type DistributionFiles, hostOnSystemd } from '../systemd/host-on-systemd.ts'
import { k3sService } from '../systemd/k3s-service.ts'
import { kubeadmNode } from '../systemd/kubeadm-node.ts'
import { onExtensions } from '../systemd/on-extensions.ts'
import { programLink } from '../systemd/program-link.ts'
import { vkubeletFiles } from '../systemd/vkubelet-files.ts'

/** Beside the system's programs and not in /var, because a hardened host mounts /var noexec. */
const programs = '/usr/local/lib/keel'

/**
 * HostState → a Debian (or any systemd) host: k3s as a binary under /usr/local, Kubernetes for kubeadm as a system
 * extension image; units of keel's, encrypted credentials. Pure.
 */
export function renderDebian(state: HostState, textOf?: TextOf): FilesRendered {
  if (state.distribution.own.kind === 'kubeadm') return onExtensions(state, kubeadmNode(state), textOf)
  const placedPrograms = state.programs.map(placed)
  const pushed = pushedPrograms(placedPrograms)
  const host = hostOnSystemd(state, together(ofDistribution(state), vkubeletFiles(state, pushed)), pushed, textOf)
  const artifacts = state.distribution.artifacts.map(placed)
  return {
    ...host,
    kind: 'files',
    artifacts: [...artifacts, ...placedPrograms],
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

function ofDistribution(state: HostState): DistributionFiles {
  if (state.distribution.own.kind === 'k3s') return k3sService(state)
  return { files: state.files, links: [], directories: [] }
}

function together(one: DistributionFiles, other: DistributionFiles): DistributionFiles {
  return {
    files: [...one.files, ...other.files],
    links: [...one.links, ...other.links],
    directories: [...one.directories, ...other.directories],
  }
}

/** The hash in the name lets two versions be side by side. */
function placed(from: Artifact): PlacedArtifact {
  const { name, version, sha256, isModule } = from
  const path = `${programs}/${name}-${sha256.slice(0, 16)}`
  return isModule === true
    ? { name, version, path: `${path}.mjs`, mode: '0644', sha256, from, form: 'program' }
    : { name, version, path, mode: '0755', sha256, from, form: 'program' }
}

function pushedPrograms(artifacts: readonly PlacedArtifact[]): PushedPrograms {
  return {
    paths: new Map(artifacts.map(({ name, path }) => [name, path])),
    changes: artifacts.map(({ path }) => path),
  }
}
