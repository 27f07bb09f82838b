import * as z from 'zod'
import type { EnvironmentSource } from './environment-source.ts'
import { expanded } from './expansion.ts'
import { refusalsOf } from './field.ts'
import { hookFields, probeFields } from './fields.ts'
import type { Action, Hooks, Probe, ProbeKind, Probes } from './probe.ts'
import { portsSchema } from './read-ports.ts'
import type { Refusal } from './refusal.ts'

const port = z.union([z.int().min(1).max(65_535), z.string().max(63)])
const host = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9.:_-]*$/)
  .nullish()
/** HTTP's token, and what may follow a colon in one line (RFC 9110, 5.6.2 and 5.5). */
const header = z.looseObject({
  name: z
    .string()
    .max(256)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
  value: z
    .string()
    .max(8192)
    .regex(/^[\t\x20-\x7e]*$/),
})
const seconds = z.int().min(0).max(2_592_000).nullish()

const actions = {
  exec: z
    .looseObject({
      command: z
        .array(
          z
            .string()
            .max(131_000)
            .regex(/^[^\0]*$/),
        )
        .max(1000)
        .nullish(),
    })
    .nullish(),
  httpGet: z
    .looseObject({
      path: z
        .string()
        .max(4096)
        .regex(/^[\x21-\x7e]*$/)
        .nullish(),
      port,
      host,
      scheme: z.enum(['HTTP', 'HTTPS']).nullish(),
      httpHeaders: z.array(header).max(100).nullish(),
    })
    .nullish(),
  tcpSocket: z.looseObject({ port, host }).nullish(),
}

const probe = z
  .looseObject({
    ...actions,
    grpc: z.looseObject({ port: z.int().min(1).max(65_535), service: z.string().max(1024).nullish() }).nullish(),
    initialDelaySeconds: seconds,
    periodSeconds: seconds,
    timeoutSeconds: seconds,
    successThreshold: z.int().min(0).max(1_000_000).nullish(),
    failureThreshold: z.int().min(0).max(1_000_000).nullish(),
    terminationGracePeriodSeconds: seconds,
  })
  .nullish()
const hook = z
  .looseObject({ ...actions, sleep: z.looseObject({ seconds: z.int().min(0).max(2_592_000) }).nullish() })
  .nullish()

export const healthSchema = {
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: z.looseObject({ postStart: hook, preStop: hook }).nullish(),
  ports: portsSchema,
}
const schema = z.looseObject(healthSchema)
type Found = z.output<typeof schema>
type FoundProbe = NonNullable<Found['startupProbe']>
type FoundHook = NonNullable<NonNullable<Found['lifecycle']>['preStop']>

/** What the actions of a container are told in its own words. */
interface Own {
  readonly ports: ReadonlyMap<string, number>
  /** Of the variables that have their values in the Pod (kubelet, ExpandContainerCommandOnlyStatic). */
  readonly values: ReadonlyMap<string, string | undefined>
}

/** The probes and hooks of a container. @param path of it in the Pod */
export function readHealth(
  { startupProbe, livenessProbe, readinessProbe, lifecycle, ports }: Found,
  environment: readonly EnvironmentSource[],
  path: string,
): { readonly probes: Probes; readonly hooks: Hooks; readonly refusals: readonly Refusal[] } {
  const named = (ports ?? []).flatMap((one): [string, number][] =>
    one.name === null || one.name === undefined ? [] : [[one.name, one.containerPort]],
  )
  const values = environment.flatMap((one) =>
    one.kind === 'all' ? [] : [[one.name, one.kind === 'value' ? one.value : undefined] as const],
  )
  const own = { ports: new Map(named), values: new Map(values) }
  const refusals: Refusal[] = []
  const probes: Partial<Record<ProbeKind, Probe>> = {}
  const found = { startup: startupProbe, liveness: livenessProbe, readiness: readinessProbe } as const
  for (const kind of ['startup', 'liveness', 'readiness'] as const) {
    const one = found[kind]
    if (!isThere(one)) continue
    const at = `${path}.${kind}Probe`
    const read = probeOf(one, own, at)
    refusals.push(...told(refusalsOf(one, probeFields, at), read))
    if (!('why' in read)) probes[kind] = read
  }
  const hooks: { postStart?: Action; preStop?: Action } = {}
  for (const name of ['postStart', 'preStop'] as const) {
    const one = lifecycle?.[name]
    if (!isThere(one)) continue
    const at = `${path}.lifecycle.${name}`
    const read = hookOf(one, own, at)
    refusals.push(...told(refusalsOf(one, hookFields, at), read))
    if (!('why' in read)) hooks[name] = read
  }
  const unknown = Object.keys(lifecycle ?? {}).some((name) => !['postStart', 'preStop', 'stopSignal'].includes(name))
  if (unknown) refusals.push({ path: `${path}.lifecycle`, why: 'keel does not know this hook' })
  if (typeof lifecycle?.stopSignal === 'string' && lifecycle.stopSignal !== 'SIGTERM')
    refusals.push({ path: `${path}.lifecycle.stopSignal`, why: 'a container ends by SIGTERM' })
  return { probes, hooks, refusals }
}

/** A field that keel does not know may be the action. */
function told(unknown: readonly Refusal[], read: Probe | Action | Refusal): readonly Refusal[] {
  return unknown.length === 0 && 'why' in read ? [read] : unknown
}

function probeOf(found: FoundProbe, own: Own, at: string): Probe | Refusal {
  const { grpc } = found
  const action = isThere(grpc)
    ? ({ kind: 'grpc', port: grpc.port, service: grpc.service ?? '' } as const)
    : actionOf(found, own, at)
  if ('why' in action) return action
  const grace = found.terminationGracePeriodSeconds
  // 0 and nothing are the defaults of Kubernetes (pkg/apis/core/v1/defaults.go)
  return {
    action,
    delay: found.initialDelaySeconds ?? 0,
    period: found.periodSeconds || 10,
    timeout: found.timeoutSeconds || 1,
    successes: found.successThreshold || 1,
    failures: found.failureThreshold || 3,
    ...(isThere(grace) ? { grace } : {}),
  }
}

function hookOf(found: FoundHook, own: Own, at: string): Action | Refusal {
  const { sleep } = found
  if (isThere(sleep)) return { kind: 'sleep', seconds: sleep.seconds }
  const action = actionOf(found, own, at)
  return 'kind' in action && action.kind === 'tcp' ? { path: at, why: 'Kubernetes runs no hooks of TCP' } : action
}

type Actions = Pick<FoundProbe, 'exec' | 'httpGet' | 'tcpSocket'>

function actionOf({ exec, httpGet, tcpSocket }: Actions, own: Own, at: string): Action | Refusal {
  if (isThere(exec)) {
    const command = commandOf(exec.command ?? [], own)
    if (command === undefined) return { path: `${at}.exec.command`, why: 'it is longer than a program can have' }
    const [program = ''] = command
    return program === '' ? { path: `${at}.exec.command`, why: 'there is no program' } : { kind: 'exec', command }
  }
  if (isThere(httpGet)) {
    const number = portOf(httpGet.port, own)
    if (number === undefined) return { path: `${at}.httpGet.port`, why: 'the container has no such port' }
    const { path = '/', scheme, httpHeaders } = httpGet
    return {
      kind: 'http',
      ...hostOf(httpGet.host),
      port: number,
      // as Go's parser of a URL, which begins it with a slash
      path: path === null ? '/' : path.replace(/^\/?/, '/'),
      isTls: scheme === 'HTTPS',
      headers: (httpHeaders ?? []).map(({ name, value }) => [name, value] as const),
    }
  }
  if (!isThere(tcpSocket)) return { path: at, why: 'keel does not know this action' }
  const number = portOf(tcpSocket.port, own)
  if (number === undefined) return { path: `${at}.tcpSocket.port`, why: 'the container has no such port' }
  return { kind: 'tcp', ...hostOf(tcpSocket.host), port: number }
}

function hostOf(name: string | null | undefined): { readonly host?: string } {
  return isThere(name) && name !== '' ? { host: name } : {}
}

function portOf(found: string | number, { ports }: Own): number | undefined {
  if (typeof found === 'number') return found
  return ports.get(found) ?? (/^\d{1,5}$/.test(found) && Number(found) <= 65_535 ? Number(found) : undefined)
}

/** Characters in all. */
const LONGEST_COMMAND = 250_000

/** @returns undefined for one that is too long with the variables in it */
function commandOf(words: readonly string[], { values }: Own): readonly string[] | undefined {
  const command: string[] = []
  let length = 0
  for (const word of words) {
    const found = expanded(word, (name) => values.get(name))
    length += found?.length ?? 0
    if (found === undefined || length > LONGEST_COMMAND) return undefined
    command.push(found)
  }
  return command
}

function isThere<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}
