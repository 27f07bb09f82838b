import { createHash } from 'node:crypto'
import type { ObjectRef } from './environment-source.ts'
import type { Pod } from './pod.ts'
import { wholeUnits } from './quantity.ts'
import { isKey } from './relative-path.ts'
import { type HostFacts, podField, resourceField } from './resolve-environment.ts'
import type { FieldFile, FileSource, Volume } from './volume.ts'
import { commonUser, type VolumeOwner, volumeOwner } from './volume-owner.ts'

/** What has to be on the host for a volume. Contains values of secrets: for the volume's folder alone. */
export type VolumeContent =
  | { readonly kind: 'files'; readonly files: ReadonlyMap<string, VolumeFile>; readonly owner: VolumeOwner }
  | {
      readonly kind: 'empty'
      readonly medium: 'disk' | 'memory'
      /** Bytes. */
      readonly limit?: bigint
      /** Folders in it that containers have as their volumes. */
      readonly folders: readonly string[]
      readonly owner: VolumeOwner
    }
  | { readonly kind: 'host'; readonly path: string; readonly isMade: boolean }

interface VolumeFile {
  readonly bytes: Buffer
  readonly mode: number
  /** Other than the volume's: a token that one user alone may read. */
  readonly user?: number
}

type ResolvedVolume =
  | {
      readonly kind: 'content'
      readonly content: VolumeContent
      /** Of the content: another one means that it has to be written again. */
      readonly digest: string
    }
  /** In words without a value. */
  | { readonly kind: 'fault'; readonly message: string }

export interface VolumeLookUp {
  /** The files of an object, by key; undefined where there is none. */
  readonly filesOf: (object: ObjectRef) => ReadonlyMap<string, Buffer> | undefined
  /** The token of a source; undefined where the API server has not given one. */
  readonly tokenOf: (source: FileSource & { kind: 'token' }) => string | undefined
}

/** Bytes of all volumes of a Pod that are files: they are in memory. One object has at most 1 MiB. */
export const MOST_IN_FILES = 16_777_216
/** What a file takes in memory at least. */
const PAGE = 4096

class Missing extends Error {}

/**
 * What a volume of a Pod has at this moment.
 * @param left bytes that its files may have: each takes whole pages
 */
export function resolveVolume(
  pod: Pod,
  volume: Volume,
  lookUp: VolumeLookUp,
  host: HostFacts,
  left = MOST_IN_FILES,
): ResolvedVolume {
  if (volume.kind === 'host') {
    const { path, type } = volume
    return resolved({ kind: 'host', path, isMade: type === 'DirectoryOrCreate' })
  }
  if (volume.kind === 'empty') {
    const mounts = [...pod.initContainers, ...pod.containers].flatMap((one) => one.mounts)
    const used = mounts.filter((one) => one.volume === volume.name && one.subPath !== '')
    return resolved({
      kind: 'empty',
      medium: volume.medium,
      ...(volume.limit === undefined ? {} : { limit: wholeUnits(volume.limit) }),
      folders: [...new Set(used.map(({ subPath }) => subPath))].toSorted(),
      owner: volumeOwner(pod),
    })
  }
  try {
    const files = new Map<string, VolumeFile>()
    let size = 0
    for (const source of volume.sources) {
      for (const [path, file] of filesOf(pod, volume, source, { lookUp, host })) {
        size += bytesInMemory(file) - bytesInMemory(files.get(path))
        // before the next one is made: a kilobyte of the Pod can say the same annotation a hundred times
        if (size > left) throw new Missing('the volumes of this Pod that are files have more than 16 MiB in memory')
        // the later one also comes later in the order of writing
        files.delete(path)
        files.set(path, file)
      }
    }
    check(files)
    return resolved({ kind: 'files', files, owner: volumeOwner(pod) })
  } catch (error) {
    if (error instanceof Missing) return { kind: 'fault', message: `volume ${volume.name}: ${error.message}` }
    throw error
  }
}

/** What the files of a volume take in memory; 0 for any other volume. */
export function bytesOfFiles(content: VolumeContent): number {
  if (content.kind !== 'files') return 0
  return [...content.files.values()].reduce((sum, file) => sum + bytesInMemory(file), 0)
}

function bytesInMemory(file: VolumeFile | undefined): number {
  return file === undefined ? 0 : Math.max(Math.ceil(file.bytes.length / PAGE), 1) * PAGE
}

function resolved(content: VolumeContent): ResolvedVolume {
  return { kind: 'content', content, digest: digestOf(content) }
}

interface Asked {
  readonly lookUp: VolumeLookUp
  readonly host: HostFacts
}

type Files = Iterable<readonly [path: string, file: VolumeFile]>

function filesOf(pod: Pod, volume: Volume & { kind: 'files' }, source: FileSource, asked: Asked): Files {
  switch (source.kind) {
    case 'object':
      return ofObject(source, asked.lookUp, volume.mode)
    case 'fields':
      return ofFields(pod, source, asked.host, volume.mode)
    case 'token': {
      const token = asked.lookUp.tokenOf(source)
      if (token === undefined) throw new Missing('the API server has given no token of the service account')
      const user = commonUser(pod)
      // as kubelet does: for the group, else for the one user, else for all
      const isForUser = pod.fsGroup === undefined && user !== undefined
      const mode = pod.fsGroup === undefined ? (isForUser ? 0o600 : volume.mode) : 0o640
      return [[source.path, { bytes: Buffer.from(token), mode, ...(isForUser ? { user } : {}) }]]
    }
  }
}

/** One after the other: the next text is made when it is asked for. */
function* ofFields(pod: Pod, { items }: FileSource & { kind: 'fields' }, host: HostFacts, mode: number): Files {
  for (const item of items)
    yield [item.path, { bytes: Buffer.from(fieldText(pod, item, host)), mode: item.mode ?? mode }]
}

function ofObject({ object, items, isOptional }: FileSource & { kind: 'object' }, lookUp: VolumeLookUp, mode: number) {
  const found = lookUp.filesOf(object)
  if (found === undefined && !isOptional) throw new Missing(`${object.kind} ${object.name} does not exist`)
  // the API server checks the keys as well; they become names of files
  const whole = [...(found ?? [])].filter(([key]) => isKey(key))
  const wanted = items ?? whole.map(([key]) => ({ key, path: key, mode: undefined }))
  return wanted.flatMap(({ key, path, mode: own }): [string, VolumeFile][] => {
    const bytes = found?.get(key)
    if (bytes !== undefined) return [[path, { bytes, mode: own ?? mode }]]
    if (isOptional) return []
    throw new Missing(`${object.kind} ${object.name} has no key ${key}`)
  })
}

function fieldText(pod: Pod, { value }: FieldFile, host: HostFacts): string {
  if (value.kind === 'field') {
    const { field } = value
    return 'all' in field ? linesOf(pod[field.all]) : podField(pod, host, field)
  }
  const container = [...pod.initContainers, ...pod.containers].find(({ name }) => name === value.container)
  if (container === undefined) throw new Missing(`there is no container ${value.container}`)
  return resourceField(container.resources, host, value)
}

/** `key="value"` a line, sorted, the value quoted as Go does (pkg/fieldpath, FormatMap). */
function linesOf(texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts)
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, value]) => `${key}=${JSON.stringify(value)}`)
    .join('\n')
}

function check(files: ReadonlyMap<string, VolumeFile>): void {
  for (const path of files.keys()) {
    const parts = path.split('/')
    for (let length = 1; length < parts.length; length++)
      if (files.has(parts.slice(0, length).join('/')))
        throw new Missing('a file has the path of a folder: two sources contradict each other')
  }
}

/** 128 bits: it tells only whether a content is another one, and is in no folder that a Pod sees. */
function digestOf(content: VolumeContent): string {
  const hash = createHash('sha256')
  if (content.kind === 'files') {
    hash.update(JSON.stringify(content.owner))
    for (const [path, { bytes, mode, user }] of [...content.files].toSorted(([one], [other]) => (one < other ? -1 : 1)))
      hash.update(JSON.stringify([path, mode, user ?? null, bytes.length])).update(bytes)
  } else {
    hash.update(JSON.stringify(content, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))
  }
  return hash.digest('hex').slice(0, 32)
}
