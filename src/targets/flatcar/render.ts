import type { Artifact, HostState, WantedFile } from '../../desired/host-state.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { unitRunning } from '../../model/distribution/service.ts'
import { AGENT_ARTIFACT, mergedBundle, mergedNode, NODE_ARTIFACT } from '../../model/keel-agent/agent-program.ts'
import { systemdArch } from '../../model/systems/systemd-arch.ts'
import type { PushedPrograms } from '../../parts/part.ts'
import type { TextOf } from '../../parts/shared-text.ts'
import type { FilesRendered, PlacedArtifact } from '../rendered.ts'
import { hostOnSystemd } from '../systemd/host-on-systemd.ts'
import { k3sService } from '../systemd/k3s-service.ts'
import { placedCredentials } from '../systemd/placed-credentials.ts'
import { programLink } from '../systemd/program-link.ts'
import { updateSettings } from './update-settings.ts'

/** Where an extension's program is once it is merged; without the extension there is nothing. */
const mergedPrograms = '/usr/local/bin'
/** What an image has elsewhere. */
const mergedElsewhere = new Map([
  [NODE_ARTIFACT, mergedNode],
  [AGENT_ARTIFACT, mergedBundle],
])
const mergedBy = 'systemd-sysext.service'

/**
 * HostState → a Flatcar host: k3s as a system extension image, as /usr can't be written; everything else in /etc, as on
 * Debian. Pure.
 */
export function renderFlatcar(state: HostState, textOf?: TextOf): FilesRendered {
  const tokens = new Set(Object.values(state.distribution.k3s.credentialFiles))
  const service = k3sService(state, {
    after: mergedBy,
    // the first boot has neither program nor token; without its token a server would found another cluster
    conditions: [
      ...state.distribution.artifacts.map(({ name }) => `${mergedPrograms}/${name}`),
      ...placedCredentials(state).flatMap(({ id, path }) => (tokens.has(id) ? [path] : [])),
    ],
  })
  const images = state.distribution.artifacts.map(placedImage)
  const partImages = state.programs.map(placedImage)
  const programs: PushedPrograms = {
    paths: new Map(partImages.map(({ name }) => [name, mergedAt(name)])),
    changes: partImages.map(({ name }) => extensionLink(name)),
    from: mergedBy,
  }
  const host = hostOnSystemd(state, service, programs, textOf)
  return {
    ...host,
    kind: 'files',
    artifacts: [...images, ...partImages],
    files: [
      ...host.files,
      ...(state.files.some(({ path }) => path === updateSettings.path) ? [] : [updateSettings]),
    ].map(readByLocksmith),
    links: [
      ...images.map(({ name, path }) => programLink(extensionLink(name), path, unitRunning(host.services, name))),
      ...partImages.map(({ name, path }) => programLink(extensionLink(name), path, undefined)),
      ...host.links,
    ],
    extensions: [...images, ...partImages].map(({ name, from }) => ({
      name,
      link: extensionLink(name),
      program: { path: mergedAt(name), sha256: from.sha256 },
    })),
  }
}

/**
 * Beside the previous image, which stays for a rollback.
 * @throws KeelError `not-pinned` (exit 2) where keel.lock.json has the program and not its image
 */
function placedImage(from: Artifact): PlacedArtifact {
  const { name, version, arch, sysext, sha256, isModule } = from
  if (sysext === undefined) {
    throw new KeelError({
      code: 'not-pinned',
      at: 'keel.lock.json',
      found: `no system extension of ${name} ${version} for ${arch}`,
      why: 'Flatcar gets programs as images, and deploy pushes only what the lock file names by hash',
      todo: 'run `keel pin --sysext`',
      exit: ExitCode.Usage,
    })
  }
  // keel's own programs change without a new version while somebody works on keel
  const release = isModule === true ? `${version}-${sha256.slice(0, 16)}` : version
  const path = `/opt/extensions/${name}/${name}-${release}-${systemdArch[arch]}.raw`
  return { name, version, path, mode: '0644', sha256: sysext, from, form: 'sysext' }
}

function mergedAt(name: string): string {
  return mergedElsewhere.get(name) ?? `${mergedPrograms}/${name}`
}

function extensionLink(name: string): string {
  return `/etc/extensions/${name}.raw`
}

function readByLocksmith(file: WantedFile): WantedFile {
  return file.path === updateSettings.path ? { ...file, readAtStartBy: 'locksmithd.service' } : file
}
