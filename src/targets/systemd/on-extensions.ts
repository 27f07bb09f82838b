import type { Artifact, HostState } from '../../desired/host-state.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { unitRunning } from '../../model/distribution/service.ts'
import { AGENT_ARTIFACT, mergedBundle, mergedNode, NODE_ARTIFACT } from '../../model/keel-agent/agent-program.ts'
import { systemdArch } from '../../model/systems/systemd-arch.ts'
import type { PushedPrograms } from '../../parts/part.ts'
import type { TextOf } from '../../parts/shared-text.ts'
import type { FilesRendered, PlacedArtifact, WantedExtension } from '../rendered.ts'
import { type DistributionFiles, hostOnSystemd } from './host-on-systemd.ts'
import { programLink } from './program-link.ts'

/** Where an extension's program is once it is merged; without the extension there is nothing. */
export const mergedPrograms = '/usr/local/bin'
/** What an image has elsewhere. */
const mergedElsewhere = new Map([
  [NODE_ARTIFACT, mergedNode],
  [AGENT_ARTIFACT, mergedBundle],
])
/** Of an image of several programs, the one that shows whether it is merged. */
const SHOWN = { name: 'kubelet', path: '/usr/bin/kubelet' }
/** Merges the images at each boot. */
export const mergedBy = 'systemd-sysext.service'

/** A host that gets its programs as system extension images, because /usr can't be written. Pure. */
export function onExtensions(state: HostState, own: DistributionFiles, textOf?: TextOf): FilesRendered {
  const images = state.distribution.artifacts.map(placedImage)
  const partImages = state.programs.map(placedImage)
  const programs: PushedPrograms = {
    paths: new Map(partImages.map(({ name }) => [name, mergedAt(name)])),
    changes: partImages.map(({ name }) => extensionLink(name)),
    from: mergedBy,
  }
  const host = hostOnSystemd(state, own, programs, textOf)
  return {
    ...host,
    kind: 'files',
    artifacts: [...images, ...partImages],
    links: [
      ...images.map(({ name, path }) => programLink(extensionLink(name), path, unitRunning(host.services, name))),
      ...partImages.map(({ name, path }) => programLink(extensionLink(name), path, undefined)),
      ...host.links,
    ],
    extensions: [...images, ...partImages].map(extensionOf),
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

function extensionOf({ name, from }: PlacedArtifact): WantedExtension {
  const link = extensionLink(name)
  if (from.of === undefined) return { name, link, program: { path: mergedAt(name), sha256: from.sha256 } }
  const shown = from.of.find((one) => one.name === SHOWN.name)
  if (shown === undefined) throw new Error(`an image of ${name} without ${SHOWN.name}`)
  return { name, link, program: { path: SHOWN.path, sha256: shown.sha256 }, hasUnits: true }
}

function mergedAt(name: string): string {
  return mergedElsewhere.get(name) ?? `${mergedPrograms}/${name}`
}

function extensionLink(name: string): string {
  return `/etc/extensions/${name}.raw`
}
