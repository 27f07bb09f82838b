import * as z from 'zod'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import { refusalsOf } from './field.ts'
import { fieldOf, objectName, resourceOf, resourceSchema } from './field-reference.ts'
import { isPlainPath } from './plain-path.ts'
import { quantityOf } from './quantity.ts'
import type { Refusal } from './refusal.ts'
import { isKey, isPathInside } from './relative-path.ts'
import type { FieldFile, FileSource, HostPathType, KeyFile, Volume } from './volume.ts'
import { volumeFields } from './volume-fields.ts'

/** Permissions of a file: no setuid, setgid or sticky bit. */
const mode = z.int().min(0).max(0o777).nullish()
const isOptional = z.boolean().nullish()
const path = z.string().refine(isPathInside)
const keyItems = z
  .array(z.looseObject({ key: z.string().refine(isKey), path, mode }))
  .max(2000)
  .nullish()
const fieldItems = z
  .array(
    z.looseObject({
      path,
      mode,
      fieldRef: z.looseObject({ fieldPath: z.string().max(400) }).nullish(),
      resourceFieldRef: resourceSchema.nullish(),
    }),
  )
  .max(2000)
  .nullish()
const object = z.looseObject({ name: objectName.nullish(), items: keyItems, optional: isOptional })
const source = z.looseObject({
  configMap: object.nullish(),
  secret: object.nullish(),
  downwardAPI: z.looseObject({ items: fieldItems }).nullish(),
  serviceAccountToken: z
    .looseObject({
      audience: z.string().max(1024).nullish(),
      expirationSeconds: z
        .int()
        .min(600)
        .max(2 ** 32)
        .nullish(),
      path,
    })
    .nullish(),
})

export const volumesSchema = z
  .array(
    z.looseObject({
      name: z.string().refine(isDnsLabel),
      configMap: object.extend({ defaultMode: mode }).nullish(),
      secret: z
        .looseObject({ secretName: objectName, items: keyItems, optional: isOptional, defaultMode: mode })
        .nullish(),
      downwardAPI: z.looseObject({ items: fieldItems, defaultMode: mode }).nullish(),
      projected: z.looseObject({ sources: z.array(source).max(50).nullish(), defaultMode: mode }).nullish(),
      emptyDir: z
        .looseObject({
          medium: z.enum(['', 'Memory']).nullish(),
          sizeLimit: z.union([z.string().max(64), z.number()]).nullish(),
        })
        .nullish(),
      hostPath: z.looseObject({ path: z.string().max(4096), type: z.string().max(40).nullish() }).nullish(),
    }),
  )
  .max(100)
  .nullish()

type ReadVolume = NonNullable<z.output<typeof volumesSchema>>[number]
type ReadSource = z.output<typeof source>
type Items = z.output<typeof keyItems>

/** As the API server sets it (pkg/apis/core/v1/defaults.go). */
const DEFAULT_MODE = 0o644
const DEFAULT_SECONDS = 3600

/** The volumes of a Pod that this Node has; the others are refused by the table of fields. */
export function readVolumes(found: readonly ReadVolume[]): {
  readonly volumes: readonly Volume[]
  readonly refusals: readonly Refusal[]
} {
  const read = found.map((one, index) => readVolume(one, `spec.volumes[${index}]`))
  const names = found.map(({ name }) => name)
  const twice: Refusal[] =
    new Set(names).size === names.length ? [] : [{ path: 'spec.volumes', why: 'two volumes have one name' }]
  return {
    volumes: read.flatMap(({ volume }) => volume ?? []),
    refusals: [...read.flatMap(({ refusals }) => refusals), ...twice],
  }
}

interface Read {
  readonly volume?: Volume
  readonly refusals: readonly Refusal[]
}

function readVolume(found: ReadVolume, at: string): Read {
  const { name, configMap, secret, downwardAPI, projected, emptyDir, hostPath } = found
  const unknown = refusalsOf(found, volumeFields, at)
  if (unknown.length > 0) return { refusals: unknown }
  if (isThere(configMap)) {
    const { sources, refusals } = readSource({ configMap }, `${at}`)
    return { volume: { kind: 'files', name, sources, mode: configMap.defaultMode ?? DEFAULT_MODE }, refusals }
  }
  if (isThere(secret)) {
    const { secretName, items, optional, defaultMode } = secret
    const { sources, refusals } = readSource({ secret: { name: secretName, items, optional } }, at)
    return { volume: { kind: 'files', name, sources, mode: defaultMode ?? DEFAULT_MODE }, refusals }
  }
  if (isThere(downwardAPI)) {
    const { sources, refusals } = readSource({ downwardAPI }, at)
    return { volume: { kind: 'files', name, sources, mode: downwardAPI.defaultMode ?? DEFAULT_MODE }, refusals }
  }
  if (isThere(projected)) {
    const all = (projected.sources ?? []).map((one, index) => readSource(one, `${at}.projected.sources[${index}]`))
    const sources = all.flatMap((one) => one.sources)
    return {
      volume: { kind: 'files', name, sources, mode: projected.defaultMode ?? DEFAULT_MODE },
      refusals: all.flatMap((one) => one.refusals),
    }
  }
  if (isThere(emptyDir)) return readEmpty(name, emptyDir, `${at}.emptyDir`)
  if (isThere(hostPath)) return readHostPath(name, hostPath, `${at}.hostPath`)
  // without a source the API server adds an emptyDir
  return { volume: { kind: 'empty', name, medium: 'disk' }, refusals: [] }
}

function isThere<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}

function readSource(
  { configMap, secret, downwardAPI, serviceAccountToken, ...others }: ReadSource,
  at: string,
): { readonly sources: readonly FileSource[]; readonly refusals: readonly Refusal[] } {
  const [strange] = Object.entries(others).filter(([, value]) => isThere(value))
  if (strange !== undefined) return { sources: [], refusals: [{ path: at, why: 'keel does not know this source' }] }
  const found = configMap ?? secret
  if (isThere(found)) {
    const kind = found === configMap ? 'configMap' : 'secret'
    const { name, items, optional } = found
    if (!isThere(name)) return { sources: [], refusals: [{ path: `${at}.${kind}.name`, why: 'there is no name' }] }
    const chosen = isThere(items) && items.length > 0 ? { items: itemsOf(items) } : {}
    const isOptionalNow = optional ?? false
    return {
      sources: [{ kind: 'object', object: { kind, name }, ...chosen, isOptional: isOptionalNow }],
      refusals: [],
    }
  }
  if (isThere(serviceAccountToken)) {
    const { audience, expirationSeconds, path: file } = serviceAccountToken
    const of = isThere(audience) && audience !== '' ? { audience } : {}
    const seconds = expirationSeconds ?? DEFAULT_SECONDS
    return { sources: [{ kind: 'token', ...of, seconds, path: file }], refusals: [] }
  }
  const items = (downwardAPI?.items ?? []).map((one, index) => fieldFile(one, `${at}.downwardAPI.items[${index}]`))
  return {
    sources: [{ kind: 'fields', items: items.filter((one): one is FieldFile => 'value' in one) }],
    refusals: items.filter((one): one is Refusal => 'why' in one),
  }
}

function itemsOf(items: NonNullable<Items>): readonly KeyFile[] {
  return items.map(({ key, path: file, mode: own }) => ({ key, path: file, ...(isThere(own) ? { mode: own } : {}) }))
}

function fieldFile(
  { path: file, mode: own, fieldRef, resourceFieldRef }: NonNullable<z.output<typeof fieldItems>>[number],
  at: string,
): FieldFile | Refusal {
  const base = { path: file, ...(isThere(own) ? { mode: own } : {}) }
  if (isThere(fieldRef)) {
    const { fieldPath } = fieldRef
    if (fieldPath === 'metadata.labels') return { ...base, value: { kind: 'field', field: { all: 'labels' } } }
    if (fieldPath === 'metadata.annotations')
      return { ...base, value: { kind: 'field', field: { all: 'annotations' } } }
    const field = fieldOf(fieldPath)
    if (field === undefined) return { path: `${at}.fieldRef`, why: 'keel does not know this field' }
    return { ...base, value: { kind: 'field', field } }
  }
  if (!isThere(resourceFieldRef)) return { path: at, why: 'keel does not know this source' }
  const read = resourceOf(resourceFieldRef)
  if (read === undefined || read.container === undefined)
    return { path: `${at}.resourceFieldRef`, why: 'keel knows limits and requests of cpu and memory of a container' }
  const { resource, container, divisor } = read
  return { ...base, value: { kind: 'resource', resource, container, divisor } }
}

function readEmpty(name: string, { medium, sizeLimit }: NonNullable<ReadVolume['emptyDir']>, at: string): Read {
  const limit = isThere(sizeLimit) ? quantityOf(`${sizeLimit}`) : undefined
  if (isThere(sizeLimit) && limit === undefined)
    return { refusals: [{ path: `${at}.sizeLimit`, why: 'this is no quantity' }] }
  // 0 is no limit, as in kubelet
  const limited = limit === undefined || limit === 0n ? {} : { limit }
  return {
    volume: { kind: 'empty', name, medium: medium === 'Memory' ? 'memory' : 'disk', ...limited },
    refusals: [],
  }
}

const HOST_PATH_TYPES: readonly HostPathType[] = ['', 'Directory', 'DirectoryOrCreate', 'File']

function readHostPath(name: string, { path: on, type }: NonNullable<ReadVolume['hostPath']>, at: string): Read {
  const kind = HOST_PATH_TYPES.find((one) => one === (type ?? ''))
  const refusals: Refusal[] = []
  if (kind === undefined) refusals.push({ path: `${at}.type`, why: 'keel gives Pods files and folders of the host' })
  if (!isPlainPath(on)) refusals.push({ path: `${at}.path`, why: 'a unit takes paths of letters, digits and ._-+@,=~' })
  if (refusals.length > 0 || kind === undefined) return { refusals }
  return { volume: { kind: 'host', name, path: on, type: kind }, refusals }
}
