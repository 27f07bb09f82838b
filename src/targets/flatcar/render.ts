import type { HostState, WantedFile } from '../../desired/host-state.ts'
import type { TextOf } from '../../parts/shared-text.ts'
import { k3sServiceOf } from '../k3s-service-of.ts'
import type { FilesRendered } from '../rendered.ts'
import type { DistributionFiles } from '../systemd/host-on-systemd.ts'
import { k3sService } from '../systemd/k3s-service.ts'
import { kubeadmNode } from '../systemd/kubeadm-node.ts'
import { mergedBy, mergedPrograms, onExtensions } from '../systemd/on-extensions.ts'
import { placedCredentials } from '../systemd/placed-credentials.ts'
import { updateSettings } from './update-settings.ts'

/**
 * HostState → a Flatcar host: programs as system extension images, as /usr can't be written; everything else in /etc,
 * as on Debian. Pure.
 */
export function renderFlatcar(state: HostState, textOf?: TextOf): FilesRendered {
  const host = onExtensions(state, distributionFiles(state), textOf)
  const isTheirs = state.files.some(({ path }) => path === updateSettings.path)
  return { ...host, files: [...host.files, ...(isTheirs ? [] : [updateSettings])].map(readByLocksmith) }
}

function distributionFiles(state: HostState): DistributionFiles {
  if (state.distribution.own.kind === 'kubeadm') return kubeadmNode(state)
  const tokens = new Set(Object.values(k3sServiceOf(state).credentialFiles))
  return k3sService(state, {
    after: mergedBy,
    // the first boot has neither program nor token; without its token a server would found another cluster
    conditions: [
      ...state.distribution.artifacts.map(({ name }) => `${mergedPrograms}/${name}`),
      ...placedCredentials(state).flatMap(({ id, path }) => (tokens.has(id) ? [path] : [])),
    ],
  })
}

function readByLocksmith(file: WantedFile): WantedFile {
  return file.path === updateSettings.path ? { ...file, readAtStartBy: 'locksmithd.service' } : file
}
