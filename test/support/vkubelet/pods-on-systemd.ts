import { setTimeout as sleep } from 'node:timers/promises'
import { HealthKeeper } from '../../../src/vkubelet/health/health-keeper.ts'
import { runningNow } from '../../../src/vkubelet/health/running-now.ts'
import { doOnHost } from '../../../src/vkubelet/host/do-on-host.ts'
import { look } from '../../../src/vkubelet/host/look.ts'
import { unitName } from '../../../src/vkubelet/names/unit-name.ts'
import { readPod } from '../../../src/vkubelet/pod/read-pod.ts'
import type { HostFacts } from '../../../src/vkubelet/pod/resolve-environment.ts'
import { resolveVolume } from '../../../src/vkubelet/pod/resolve-volume.ts'
import { reconcile } from '../../../src/vkubelet/reconcile/reconcile.ts'
import { preparationKey, volumeKey, type World } from '../../../src/vkubelet/reconcile/world.ts'
import { statusPatch } from '../../../src/vkubelet/state/status-patch.ts'
import { mergedStatus } from './merged-status.ts'

/**
 * The reconciler and the host's half of the shell where a real systemd runs (in-own-systemd.ts), with Pods in memory
 * instead of an API server.
 */
export const folders = {
  units: '/run/user/0/systemd/user',
  pods: '/run/keel-vkubelet/pods',
  disk: '/var/lib/keel-vkubelet/pods',
  // where a user's systemd makes them (systemd.exec(5)), with the variables of in-own-systemd.ts
  directories: { state: '/srv/config', cache: '/srv/cache', logs: '/srv/config/log', runtime: '/run/user/0' },
}
const SECRET = `pa$$"\\\`w\n%n \${HOME} ord `

interface PodObject {
  readonly metadata: { readonly name: string; readonly uid: string; deletionTimestamp?: string }
  status: Record<string, unknown>
}

export const pods = new Map<string, PodObject>()
export const health = new HealthKeeper({
  changed: () => undefined,
  failed: () => undefined,
  unhealthy: () => undefined,
})
const signalled = new Set<string>()
/** What was done, until somebody clears it. */
export const kinds: string[] = []
/** The last state of the Pod that was ended last. */
export let ending: object | undefined

/** What the API server has: a test changes it. */
export const settings = new Map([['greeting', Buffer.from('hello')]])
const facts: HostFacts = { nodeName: 'ocean', addresses: ['10.0.0.1'], allocatable: { cpu: 1n, memory: 1n } }

export function create(
  name: string,
  command: readonly string[],
  restartPolicy = 'Never',
  { container = {}, spec: more = {} }: { container?: object; spec?: object } = {},
): void {
  const metadata = { name, namespace: 'default', uid: `uid-${name.replaceAll('.', '-')}` }
  const env = [{ name: 'SECRET', value: 'x' }]
  const spec = {
    nodeName: 'ocean',
    restartPolicy,
    containers: [{ name: 'main', image: 'exec:/bin/true', command, env, ...container }],
    ...more,
  }
  pods.set(name, { metadata, spec, status: { phase: 'Pending' } } as unknown as PodObject)
}

/** One step of the reconciler, and what it asks for. */
export async function step(): Promise<void> {
  const seen = await look(folders)
  const read = [...pods.values()].map((object) => readPod(object, 'ocean'))
  const preparations = new Map(
    read.flatMap((one) =>
      one.kind === 'pod'
        ? one.pod.containers.map(
            ({ name }) =>
              [preparationKey(one.pod, name), { kind: 'ready', program: [], variables: new Set(['SECRET']) }] as const,
          )
        : [],
    ),
  )
  const lookUp = { filesOf: () => settings, tokenOf: () => 'token' }
  const contents = new Map(
    read.flatMap((one) =>
      one.kind === 'pod'
        ? one.pod.volumes.flatMap((volume) => {
            const found = resolveVolume(one.pod, volume, lookUp, facts)
            return found.kind === 'content' ? [[volumeKey(one.pod, volume.name), found] as const] : []
          })
        : [],
    ),
  )
  const host = {
    hidden: ['/srv/hidden'],
    mounts: [{ path: '/srv/shared', readOnly: false }],
    mostTasks: 50,
    mostPods: 110,
  }
  const wanted = new Map([...contents].map(([key, { digest }]) => [key, digest]))
  const volumes = { wanted, seen: seen.volumes }
  const { units, folders: found } = seen
  health.see(runningNow(read, units, '127.0.0.1'))
  const world: World = {
    pods: read,
    units,
    folders: found,
    preparations,
    volumes,
    users: seen.users,
    healths: health.healths,
    exceeded: new Map(),
    signalled,
    faults: new Map(),
    told: new Set(),
    host,
    now: Date.now(),
  }
  for (const operation of reconcile(world)) {
    kinds.push(operation.kind)
    if (operation.kind === 'delete-pod') {
      ending = statusOf(operation.pod.name).containerStatuses[0]?.state
      pods.delete(operation.pod.name)
    } else if (operation.kind === 'report') {
      const { pod: asked, status } = operation
      const object = pods.get(asked.name)
      const of = read.find((one) => one.kind === 'pod' && one.pod.uid === asked.uid)
      const pod = of?.kind === 'pod' ? of.pod : asked
      if (object !== undefined)
        object.status = mergedStatus(
          object.status,
          statusPatch({ pod, status, addresses: ['10.0.0.1'], now: Date.now() }),
        )
    } else if (operation.kind === 'fail') throw operation.error
    else if (operation.kind === 'pre-stop') health.preStop(operation.invocation)
    else {
      const variablesOf = () => new Map([['SECRET', SECRET]])
      await doOnHost(operation, {
        folders,
        variablesOf,
        contentOf: ({ pod, volume }) => contents.get(volumeKey(pod, volume)),
      })
    }
    for (const unit of operation.kind === 'signal' ? operation.units : []) {
      const invocation = seen.units.get(unit)?.shown?.invocation
      if (invocation !== undefined) signalled.add(invocation)
    }
  }
}

/** The program is killed, and started again: it has forgotten everything. */
export function forget(): void {
  signalled.clear()
}

/** Step after step. @throws if it has not become so in a minute */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(50)) {
    await step()
    if (await condition()) return
  }
  throw new Error(`in vain: ${what}: ${JSON.stringify([...pods.values()].map(({ status }) => status))}`)
}

export const statusOf = (name: string) =>
  pods.get(name)?.status as {
    phase: string
    containerStatuses: { restartCount: number; ready: boolean; started: boolean; state: object; lastState: object }[]
  }
export const unitOf = (name: string) => unitName({ namespace: 'default', pod: name, container: 'main' })
