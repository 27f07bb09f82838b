import { ApiError } from '../agent/kubernetes/api.ts'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import { type ApiObjects, bytesOf, objectKey, type StoredObject } from './api/objects.ts'
import type { ApiTokens } from './api/tokens.ts'
import type { HostImages, ImageEvent } from './apt/host-images.ts'
import { lacksMountPoint } from './host/lacks-mount-point.ts'
import { unitName } from './names/unit-name.ts'
import type { Container, Pod } from './pod/pod.ts'
import { type HostFacts, resolveEnvironment } from './pod/resolve-environment.ts'
import { type Contents, objectsOfVolumes, prepareVolumes } from './prepare-volumes.ts'
import { type Prepared, preparationKey, type World } from './reconcile/world.ts'
import { runsAgain } from './state/back-off.ts'
import type { AllowedPath } from './units/allowed-path.ts'

export interface Around {
  readonly credentials: Credentials
  readonly objects: Pick<ApiObjects, 'read'>
  readonly tokens: Pick<ApiTokens, 'read'>
  readonly images: Pick<HostImages, 'find'>
  /** For an Event of the Pod. */
  readonly tell: (pod: Pod, event: ImageEvent) => void
  readonly mounts: readonly AllowedPath[]
  readonly host: HostFacts
  readonly units: World['units']
}

export interface Preparations {
  readonly preparations: ReadonlyMap<string, Prepared>
  /** Contains values of secrets: for environment files alone. */
  readonly variables: ReadonlyMap<string, ReadonlyMap<string, string>>
  /** Contains values of secrets: for the folders of volumes alone. */
  readonly contents: Contents
}

/** Milliseconds that an object may be old: for a container that is to start, and for the volumes of one that runs. */
const FRESH = 2_000
const KEPT = 30_000

/** Objects of one Pod that are read at a time, and bytes of all of them, each as text and as files: it may name thousands. */
const SIDE_BY_SIDE = 8
const MOST = 2 * 16_777_216

/** What the containers of a Pod need that are to start, and what its volumes have to have if one runs. */
export async function preparePod(pod: Pod, around: Around): Promise<Preparations> {
  const preparations = new Map<string, Prepared>()
  const variables = new Map<string, ReadonlyMap<string, string>>()
  const contents: Contents = new Map()
  const idle = [
    ...pod.initContainers.filter((one) => mayStart(around.units, pod, one, true)),
    ...pod.containers.filter((one) => mayStart(around.units, pod, one, false)),
  ]
  const found = { preparations, variables, contents }
  if (idle.length === 0 && pod.volumes.length === 0) return found
  const objects = new Map<string, StoredObject | undefined>()
  let why: string | undefined
  try {
    const refs = [...idle.flatMap(objectsOf), ...objectsOfVolumes(pod)]
    const age = idle.length > 0 ? FRESH : KEPT
    const byKey = new Map(refs.map((ref) => [objectKey(ref), ref]))
    let left = MOST
    const open = byKey.entries()
    const readNext = async () => {
      for (const [key, ref] of open) {
        if (left < 0) return
        const object = await around.objects.read(around.credentials, pod.namespace, ref, age)
        left -= bytesOf(object)
        objects.set(key, object)
      }
    }
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, readNext))
    why =
      left < 0
        ? 'the configMaps and secrets that this Pod names are too large together: more than 16 MiB'
        : await prepareVolumes(pod, { ...around, objects }, contents)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    why = error.message
  }
  for (const container of idle) {
    const key = preparationKey(pod, container.name)
    const { image, pullPolicy, command } = container
    const asked = { image, pullPolicy, hasCommand: command.length > 0 }
    const program = await around.images.find(key, asked, (event) => around.tell(pod, event))
    const lacking = why ?? (await lacksMountPoints(container))
    if (program.kind === 'waiting' || lacking !== undefined) {
      preparations.set(key, program.kind === 'waiting' ? program : waitsFor(lacking))
      continue
    }
    const resolved = resolveEnvironment(pod, container, (ref) => objects.get(objectKey(ref))?.texts, around.host)
    if (resolved.kind === 'fault') {
      preparations.set(key, { kind: 'waiting', reason: 'CreateContainerConfigError', message: resolved.message })
      continue
    }
    variables.set(key, resolved.variables)
    preparations.set(key, { ...program, variables: new Set(resolved.variables.keys()) })
  }
  return found
}

async function lacksMountPoints({ mounts }: Container): Promise<string | undefined> {
  const lacking = await Promise.all(mounts.map(({ path }) => lacksMountPoint(path)))
  return lacking.find((one) => one !== undefined)
}

/** As kubelet does while a volume is not there. */
function waitsFor(message: string | undefined): Prepared {
  return { kind: 'waiting', reason: 'ContainerCreating', ...(message === undefined ? {} : { message }) }
}

function objectsOf({ environment }: Container) {
  return environment.flatMap((one) => ('object' in one ? [one.object] : []))
}

/** Whether a container has a run before it: it does not run now, and has not ended for good. */
function mayStart(units: World['units'], pod: Pod, { name }: Container, isInit: boolean): boolean {
  const unit = unitName({ namespace: pod.namespace, pod: pod.name, container: name })
  const shown = units.get(unit)?.shown
  if (shown?.end !== undefined) return runsAgain(pod.restartPolicy, shown.end, isInit)
  return shown?.active !== 'active'
}
