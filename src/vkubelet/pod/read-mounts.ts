import * as z from 'zod'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import { refusalsOf } from './field.ts'
import { isPlainPath } from './plain-path.ts'
import type { Refusal } from './refusal.ts'
import type { Mount, Volume } from './volume.ts'
import { mountFields } from './volume-fields.ts'

export const mountsSchema = z
  .array(
    z.looseObject({
      name: z.string().refine(isDnsLabel),
      mountPath: z.string().max(4096),
      subPath: z.string().max(4096).nullish(),
      readOnly: z.boolean().nullish(),
    }),
  )
  .max(200)
  .nullish()

/** What the sandbox of a unit has there (sandbox-settings.ts), and no volume may hide. */
const KEPT = /^\/(proc|sys|dev|(var\/)?run\/systemd)(\/|$)/
const SHARED_MEMORY = '/dev/shm'
/** All containers of a Pod have these together. */
const TEMPORARY = ['/tmp', '/var/tmp']

/** The mounts of one container. @param path of the container in its Pod */
export function readMounts(
  found: NonNullable<z.output<typeof mountsSchema>>,
  path: string,
): { readonly mounts: readonly Mount[]; readonly refusals: readonly Refusal[] } {
  const refusals: Refusal[] = []
  const mounts = found.map((one, index): Mount => {
    const at = `${path}.volumeMounts[${index}]`
    const mountPath = one.mountPath.replace(/(.)\/+$/, '$1')
    const subPath = (one.subPath ?? '').replace(/\/+$/, '')
    refusals.push(...refusalsOf(one, mountFields, at))
    if (!isPlainPath(mountPath))
      refusals.push({ path: `${at}.mountPath`, why: 'a unit takes paths of letters, digits and ._-+@,=~' })
    else if (KEPT.test(mountPath) && mountPath !== SHARED_MEMORY)
      refusals.push({ path: `${at}.mountPath`, why: 'a volume may not hide what the kernel and systemd have there' })
    if (subPath !== '' && !isPlainPath(`/${subPath}`))
      refusals.push({ path: `${at}.subPath`, why: 'a unit takes paths of letters, digits and ._-+@,=~' })
    return { volume: one.name, path: mountPath, subPath, isReadOnly: one.readOnly ?? false }
  })
  if (new Set(mounts.map((one) => one.path)).size !== mounts.length)
    refusals.push({ path: `${path}.volumeMounts`, why: 'two volumes have one path' })
  return { mounts, refusals }
}

interface Mounted {
  readonly path: string
  /** 0 is root. */
  readonly user: number
  readonly mounts: readonly Mount[]
}

/** What the mounts of all containers together can't have. */
export function mountRefusals(volumes: readonly Volume[], containers: readonly Mounted[]): readonly Refusal[] {
  const kinds = new Map(volumes.map((one) => [one.name, one.kind]))
  const all = containers.flatMap(({ mounts }) => mounts)
  // one that is root can make what it wants on the host anyway
  const writers = containers.filter(({ user }) => user !== 0)
  const written = new Set(
    writers.flatMap(({ mounts }) => mounts.flatMap(({ volume, isReadOnly }) => (isReadOnly ? [] : [volume]))),
  )
  const isWritten = (path: string, mounts: readonly Mount[]) =>
    mounts.some((one) => isBelow(path, one.path) && written.has(one.volume) && kinds.get(one.volume) !== 'files') ||
    (writers.length > 0 && TEMPORARY.some((one) => isBelow(path, one)))
  return containers.flatMap(({ path, mounts }) =>
    mounts.flatMap((mount, index): Refusal[] => {
      const at = `${path}.volumeMounts[${index}]`
      const kind = kinds.get(mount.volume)
      if (kind === undefined) return [{ path: `${at}.name`, why: 'the Pod has no such volume' }]
      if (isWritten(mount.path, mounts))
        // the same of the mount point: systemd follows the link as root, and makes what is not there
        return [{ path: `${at}.mountPath`, why: 'a container that is not root may write the folder that it is in' }]
      if (mount.subPath === '') return []
      if (kind === 'host') return [{ path: `${at}.subPath`, why: 'name the path itself in the hostPath' }]
      if (kind === 'empty' && all.some((other) => isWritableAbove(other, mount)))
        // it could be a link to anywhere by the time systemd follows it
        return [{ path: `${at}.subPath`, why: 'a container may write the folder that it is in' }]
      return []
    }),
  )
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`)
}

function isWritableAbove(other: Mount, { volume, subPath }: Mount): boolean {
  if (other.volume !== volume || other.isReadOnly || other.subPath === subPath) return false
  return other.subPath === '' || subPath.startsWith(`${other.subPath}/`)
}
