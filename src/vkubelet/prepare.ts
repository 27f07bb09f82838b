import { access, constants } from 'node:fs/promises'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import { findObjects, objectKey } from './api/find-objects.ts'
import { type AllowList, whyNotAllowed } from './images/allow-list.ts'
import { imageOf } from './images/image-name.ts'
import { unitName } from './names/unit-name.ts'
import type { Container, Pod } from './pod/pod.ts'
import type { ReadPod } from './pod/read-pod.ts'
import { type HostFacts, resolveEnvironment } from './pod/resolve-environment.ts'
import { type Prepared, preparationKey, type World } from './reconcile/world.ts'

interface Wanted {
  readonly credentials: Credentials
  readonly allow: AllowList
  readonly host: HostFacts
  readonly units: World['units']
}

export interface Preparations {
  readonly preparations: ReadonlyMap<string, Prepared>
  /** Contains values of secrets: for environment files alone. */
  readonly variables: ReadonlyMap<string, ReadonlyMap<string, string>>
}

/** What the containers need that do not run now. @throws ApiError where the API server does not answer */
export async function prepare(pods: readonly ReadPod[], wanted: Wanted): Promise<Preparations> {
  const preparations = new Map<string, Prepared>()
  const variables = new Map<string, ReadonlyMap<string, string>>()
  for (const read of pods) {
    if (read.kind !== 'pod') continue
    const { pod } = read
    const idle = [...pod.initContainers, ...pod.containers].filter((one) => !isRunning(wanted.units, pod, one))
    if (idle.length === 0 || pod.deletion !== undefined) continue
    const objects = await findObjects(wanted.credentials, pod)
    for (const container of idle) {
      const key = preparationKey(pod, container.name)
      const program = await programOf(container, wanted.allow)
      if (program.kind === 'waiting') {
        preparations.set(key, program)
        continue
      }
      const found = resolveEnvironment(pod, container, (ref) => objects.get(objectKey(ref)), wanted.host)
      if (found.kind === 'fault') {
        preparations.set(key, { kind: 'waiting', reason: 'CreateContainerConfigError', message: found.message })
        continue
      }
      variables.set(key, found.variables)
      preparations.set(key, { ...program, variables: new Set(found.variables.keys()) })
    }
  }
  return { preparations, variables }
}

function isRunning(units: World['units'], pod: Pod, { name }: Container): boolean {
  const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: name })
  const shown = units.get(unit)?.shown
  return shown?.active === 'active' && shown.end === undefined
}

type Program =
  | { readonly kind: 'ready'; readonly program: readonly string[] }
  | { readonly kind: 'waiting'; readonly reason: string; readonly message: string }

async function programOf({ image }: Container, allow: AllowList): Promise<Program> {
  const found = imageOf(image)
  if (found === undefined)
    return { kind: 'waiting', reason: 'InvalidImageName', message: 'an image is a package, or exec: and a path' }
  const why = whyNotAllowed(found, allow)
  if (why !== undefined) return { kind: 'waiting', reason: 'ErrImagePull', message: why }
  if (found.kind === 'package')
    return { kind: 'waiting', reason: 'ErrImagePull', message: 'keel does not install packages yet' }
  try {
    await access(found.path, constants.X_OK)
    return { kind: 'ready', program: [found.path] }
  } catch {
    return { kind: 'waiting', reason: 'ErrImageNeverPull', message: `there is no program ${found.path} on the host` }
  }
}
