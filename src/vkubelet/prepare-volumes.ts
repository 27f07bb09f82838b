import type { Credentials } from '../agent/kubernetes/credentials.ts'
import { objectKey, type StoredObject } from './api/objects.ts'
import type { ApiTokens } from './api/tokens.ts'
import { lacksOnHost } from './host/lacks-on-host.ts'
import type { ObjectRef } from './pod/environment-source.ts'
import type { Pod } from './pod/pod.ts'
import type { HostFacts } from './pod/resolve-environment.ts'
import { bytesOfFiles, MOST_IN_FILES, resolveVolume, type VolumeContent } from './pod/resolve-volume.ts'
import type { FileSource } from './pod/volume.ts'
import { volumeKey } from './reconcile/world.ts'
import { type AllowedPath, whyNotMounted } from './units/allowed-path.ts'

/** What the volumes of Pods have to have. Contains values of secrets. */
export type Contents = Map<string, { readonly content: VolumeContent; readonly digest: string }>

interface Wanted {
  readonly credentials: Credentials
  readonly objects: ReadonlyMap<string, StoredObject | undefined>
  readonly tokens: Pick<ApiTokens, 'read'>
  readonly host: HostFacts
  readonly mounts: readonly AllowedPath[]
}

/**
 * Adds what the volumes of a Pod have to have.
 * @returns why a volume can't be had now, in words without a value; undefined where all can
 */
export async function prepareVolumes(pod: Pod, wanted: Wanted, contents: Contents): Promise<string | undefined> {
  const tokens = await tokensOf(pod, wanted)
  const lookUp = {
    filesOf: (ref: ObjectRef) => wanted.objects.get(objectKey(ref))?.files,
    tokenOf: (source: FileSource) => tokens.get(source),
  }
  const faults: string[] = []
  let left = MOST_IN_FILES
  for (const volume of pod.volumes) {
    const why =
      volume.kind === 'host' ? (whyNotMounted(volume.path, wanted.mounts) ?? (await lacksOnHost(volume))) : undefined
    const found = why === undefined ? resolveVolume(pod, volume, lookUp, wanted.host, left) : undefined
    if (found?.kind === 'content') {
      left -= bytesOfFiles(found.content)
      contents.set(volumeKey(pod, volume.name), found)
    } else faults.push(found?.message ?? `volume ${volume.name}: ${why}`)
  }
  return faults.length === 0 ? undefined : faults.join('; ')
}

async function tokensOf(pod: Pod, { credentials, tokens }: Wanted): Promise<ReadonlyMap<FileSource, string>> {
  const found = new Map<FileSource, string>()
  for (const volume of pod.volumes) {
    if (volume.kind !== 'files') continue
    for (const source of volume.sources) {
      const token = source.kind === 'token' ? await tokens.read(credentials, pod, volume.name, source) : undefined
      if (token !== undefined) found.set(source, token)
    }
  }
  return found
}

/** The objects that the volumes of a Pod come from. */
export function objectsOfVolumes({ volumes }: Pod): readonly ObjectRef[] {
  const sources = volumes.flatMap((one) => (one.kind === 'files' ? one.sources : []))
  return sources.flatMap((one) => (one.kind === 'object' ? [one.object] : []))
}
