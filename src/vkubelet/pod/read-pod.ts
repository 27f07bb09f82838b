import * as z from 'zod'
import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import { isPodName } from '../names/unit-name.ts'
import { refusalsOf } from './field.ts'
import { podFields } from './fields.ts'
import type { Pod, PodIdentity } from './pod.ts'
import { containerSchema, readContainer } from './read-container.ts'
import { mountRefusals } from './read-mounts.ts'
import { podSecurityRefusals, podSecuritySchema } from './read-security.ts'
import { readVolumes, volumesSchema } from './read-volumes.ts'
import type { Refusal } from './refusal.ts'
import { reportedStatusOf } from './reported-status.ts'

const identitySchema = z.looseObject({
  namespace: z.string().refine(isDnsLabel),
  name: z.string().refine(isPodName),
  // a UUID; of a mirror Pod a hash. It becomes the name of a folder.
  uid: z.string().regex(/^[A-Za-z0-9-]{1,64}$/),
  deletionTimestamp: z.unknown().optional(),
})

/** As much of it as a Pod needs that can be told why it does not run. */
const identifiedSchema = z.looseObject({ metadata: identitySchema, status: z.unknown().optional() })

const texts = z.record(z.string().max(320), z.string().max(262_144)).nullish()

const podSchema = z.looseObject({
  metadata: z.looseObject({
    labels: texts,
    annotations: texts,
    generation: z.int().min(0).nullish(),
    deletionTimestamp: z.iso.datetime().nullish(),
  }),
  spec: z.looseObject({
    restartPolicy: z.enum(['Always', 'OnFailure', 'Never']).nullish(),
    terminationGracePeriodSeconds: z.int().min(0).max(2_592_000).nullish(),
    activeDeadlineSeconds: z
      .int()
      .min(1)
      .max(2 ** 31)
      .nullish(),
    // it becomes a part of a path of the API
    serviceAccountName: z
      .string()
      .refine((name) => name === '' || isPodName(name))
      .nullish(),
    nodeName: z.string().max(253),
    os: z.looseObject({ name: z.string() }).nullish(),
    securityContext: podSecuritySchema.nullish(),
    volumes: volumesSchema,
    initContainers: z.array(containerSchema).max(50).nullish(),
    containers: z.array(containerSchema).min(1).max(50),
  }),
  status: z.unknown().optional(),
})

export type ReadPod =
  | { readonly kind: 'pod'; readonly pod: Pod }
  /** It is told why; nothing of it runs. */
  | {
      readonly kind: 'refused'
      readonly identity: PodIdentity
      readonly refusals: readonly Refusal[]
      /** It is being deleted. */
      readonly isEnding: boolean
      /** As the API server has it. */
      readonly status: unknown
    }
  /** Not even its name can be used, so nobody can be told. */
  | { readonly kind: 'unreadable' }

/**
 * A Pod as the API server sends it, checked: its sender may be anybody who can create Pods.
 * @param node the name of this Node
 */
export function readPod(object: unknown, node: string): ReadPod {
  const found = identifiedSchema.safeParse(object).data
  if (found === undefined) return { kind: 'unreadable' }
  const { namespace, name, uid, deletionTimestamp: ends } = found.metadata
  const identity = { namespace, name, uid }
  const read = podSchema.safeParse(object)
  const refused = (refusals: readonly Refusal[]) =>
    ({ kind: 'refused', identity, refusals, isEnding: typeof ends === 'string', status: found.status }) as const
  if (!read.success) return refused([malformed(read.error)])
  const { metadata, spec, status } = read.data
  const security = spec.securityContext ?? {}
  const { volumes, refusals: volumeRefusals } = readVolumes(spec.volumes ?? [])
  const init = (spec.initContainers ?? []).map((one, index) =>
    readContainer(one, security, `spec.initContainers[${index}]`),
  )
  const containers = spec.containers.map((one, index) => readContainer(one, security, `spec.containers[${index}]`))
  const all = [...init, ...containers]
  const users = all.map(({ container }) => container.security.user)
  const mountedBy =
    (list: string) =>
    ({ container: { mounts, security } }: (typeof all)[number], index: number) => ({
      ...{ path: `spec.${list}[${index}]`, user: security.user, mounts },
    })
  const mounted = [...init.map(mountedBy('initContainers')), ...containers.map(mountedBy('containers'))]
  const refusals = [
    ...refusalsOf(spec, podFields, 'spec'),
    ...podSecurityRefusals(security, users),
    ...volumeRefusals,
    ...all.flatMap((one) => one.refusals),
    // a volume that is refused has been told already
    ...(volumeRefusals.length > 0 ? [] : mountRefusals(volumes, mounted)),
    ...otherRefusals(
      spec,
      all.map(({ container }) => container.name),
      node,
    ),
  ]
  if (refusals.length > 0) return refused(refusals)
  const { labels, annotations, generation, deletionTimestamp } = metadata
  const pod: Pod = {
    ...identity,
    labels: labels ?? {},
    annotations: annotations ?? {},
    serviceAccount: spec.serviceAccountName ?? '',
    generation: generation ?? 0,
    restartPolicy: spec.restartPolicy ?? 'Always',
    grace: spec.terminationGracePeriodSeconds ?? 30,
    ...(isNumber(spec.activeDeadlineSeconds) ? { longest: spec.activeDeadlineSeconds } : {}),
    ...(deletionTimestamp === null || deletionTimestamp === undefined
      ? {}
      : { deletion: { by: Date.parse(deletionTimestamp) } }),
    initContainers: init.map(({ container }) => container),
    containers: containers.map(({ container }) => container),
    volumes,
    ...(isNumber(security.fsGroup) ? { fsGroup: security.fsGroup } : {}),
    reported: reportedStatusOf(status),
  }
  return { kind: 'pod', pod }
}

function isNumber(value: number | null | undefined): value is number {
  return value !== null && value !== undefined
}

function otherRefusals(
  { nodeName, os }: z.output<typeof podSchema>['spec'],
  names: readonly string[],
  node: string,
): readonly Refusal[] {
  const refusals: Refusal[] = []
  if (nodeName !== node) refusals.push({ path: 'spec.nodeName', why: 'the Pod is of another Node' })
  if (os !== null && os !== undefined && os.name !== 'linux')
    refusals.push({ path: 'spec.os', why: 'the host runs Linux' })
  if (new Set(names).size !== names.length)
    refusals.push({ path: 'spec.containers', why: 'two containers have one name' })
  return refusals
}

/** Where, and never what: the text is a stranger's. */
function malformed({ issues }: z.ZodError): Refusal {
  const path = (issues[0]?.path ?? []).map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
  const at = path.join('').slice(1, 200)
  return { path: at.replace(/[^\w.[\]-]/g, '?') || 'spec', why: 'keel does not understand what is there' }
}
