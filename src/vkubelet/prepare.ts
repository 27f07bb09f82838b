import { ApiError } from '../agent/kubernetes/api.ts'
import type { Credentials } from '../agent/kubernetes/credentials.ts'
import { type ApiObjects, objectKey, type StoredObject } from './api/objects.ts'
import type { ApiTokens } from './api/tokens.ts'
import type { HostImages, ImageEvent } from './apt/host-images.ts'
import { unitName } from './names/unit-name.ts'
import type { Container, Pod } from './pod/pod.ts'
import type { ReadPod } from './pod/read-pod.ts'
import { type HostFacts, resolveEnvironment } from './pod/resolve-environment.ts'
import { type Contents, objectsOfVolumes, prepareVolumes } from './prepare-volumes.ts'
import { type Prepared, preparationKey, type World } from './reconcile/world.ts'
import { runsAgain } from './state/back-off.ts'
import type { AllowedPath } from './units/allowed-path.ts'

interface Wanted {
  readonly credentials: Credentials
  readonly objects: ApiObjects
  readonly tokens: ApiTokens
  readonly images: HostImages
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

/** What the containers need that are to start, and what the volumes have to have of those that run. */
export async function prepare(pods: readonly ReadPod[], wanted: Wanted): Promise<Preparations> {
  const preparations = new Map<string, Prepared>()
  const variables = new Map<string, ReadonlyMap<string, string>>()
  const contents: Contents = new Map()
  const live = pods.flatMap((one) => (one.kind === 'pod' && !isOver(one.pod) ? [one.pod] : []))
  await Promise.all(live.map((pod) => preparePod(pod, wanted, { preparations, variables, contents })))
  const keys = new Set(
    live.flatMap((pod) => [...pod.initContainers, ...pod.containers].map(({ name }) => preparationKey(pod, name))),
  )
  wanted.images.forget((key) => keys.has(key))
  wanted.objects.forget()
  wanted.tokens.forget(new Set(pods.flatMap((one) => (one.kind === 'pod' ? [one.pod.uid] : []))))
  return { preparations, variables, contents }
}

function isOver({ deletion, reported: { phase } }: Pod): boolean {
  return deletion !== undefined || phase === 'Succeeded' || phase === 'Failed'
}

interface Found {
  readonly preparations: Map<string, Prepared>
  readonly variables: Map<string, ReadonlyMap<string, string>>
  readonly contents: Contents
}

async function preparePod(pod: Pod, wanted: Wanted, { preparations, variables, contents }: Found): Promise<void> {
  const idle = [
    ...pod.initContainers.filter((one) => mayStart(wanted.units, pod, one, true)),
    ...pod.containers.filter((one) => mayStart(wanted.units, pod, one, false)),
  ]
  if (idle.length === 0 && pod.volumes.length === 0) return
  const refs = [...idle.flatMap(objectsOf), ...objectsOfVolumes(pod)]
  const objects = new Map<string, StoredObject | undefined>()
  let why: string | undefined
  try {
    const age = idle.length > 0 ? FRESH : KEPT
    for (const ref of refs) {
      const key = objectKey(ref)
      if (!objects.has(key)) objects.set(key, await wanted.objects.read(wanted.credentials, pod.namespace, ref, age))
    }
    why = await prepareVolumes(pod, { ...wanted, objects }, contents)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    why = error.message
  }
  for (const container of idle) {
    const key = preparationKey(pod, container.name)
    const { image, pullPolicy, command } = container
    const asked = { image, pullPolicy, hasCommand: command.length > 0 }
    const program = await wanted.images.find(key, asked, (event) => wanted.tell(pod, event))
    if (program.kind === 'waiting' || why !== undefined) {
      preparations.set(key, program.kind === 'waiting' ? program : waitsFor(why))
      continue
    }
    const found = resolveEnvironment(pod, container, (ref) => objects.get(objectKey(ref))?.texts, wanted.host)
    if (found.kind === 'fault') {
      preparations.set(key, { kind: 'waiting', reason: 'CreateContainerConfigError', message: found.message })
      continue
    }
    variables.set(key, found.variables)
    preparations.set(key, { ...program, variables: new Set(found.variables.keys()) })
  }
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
