import type { Container, Pod } from '../pod/pod.ts'
import type { Mount, Volume } from '../pod/volume.ts'
import type { AllowedPath } from './allowed-path.ts'
import { volumePath } from './pod-folders.ts'
import type { Setting } from './unit-text.ts'

/**
 * The volumes of a container (systemd.exec(5), BindPaths=). A folder of files is bound as a whole, so that a rename in it is
 * seen at once; what a `subPath` names is what it is when the container starts.
 */
export function mountSettings(
  { uid, volumes }: Pod,
  { mounts }: Container,
  allowed: readonly AllowedPath[],
): readonly Setting[] {
  return mounts.flatMap((mount): Setting[] => {
    const volume = volumes.find(({ name }) => name === mount.volume)
    if (volume === undefined) return []
    const source = volumePath(uid, volume) + (mount.subPath === '' ? '' : `/${mount.subPath}`)
    const key = isReadOnly(volume, mount, allowed) ? 'BindReadOnlyPaths' : 'BindPaths'
    return [[key, `${source}:${mount.path}`]]
  })
}

function isReadOnly(volume: Volume, mount: Mount, allowed: readonly AllowedPath[]): boolean {
  if (volume.kind === 'files' || mount.isReadOnly) return true
  return volume.kind === 'host' && !allowed.some(({ path, readOnly }) => path === volume.path && !readOnly)
}
