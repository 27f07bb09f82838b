import * as z from 'zod'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import type { NodeFacts } from '../node/node-facts.ts'
import { LEASES, nodeLease } from '../node/node-lease.ts'
import { type KnownCondition, nodeObject } from '../node/node-object.ts'

const nodeSchema = z.looseObject({
  metadata: z.looseObject({ uid: z.string().min(1).max(100) }),
  status: z
    .looseObject({
      conditions: z
        .array(z.looseObject({ type: z.string(), status: z.string(), lastTransitionTime: z.string().nullish() }))
        .catch([]),
    })
    .catch({ conditions: [] }),
})

export interface KnownNode {
  readonly uid: string
  readonly conditions: readonly KnownCondition[]
}

/** The Node of this host, which is created if there is none. @throws ApiError */
export async function registerNode(credentials: Credentials, facts: NodeFacts): Promise<KnownNode> {
  const found = await orAbsent(askApi(credentials, 'GET', `/api/v1/nodes/${facts.name}`))
  const object = found ?? (await askApi(credentials, 'POST', '/api/v1/nodes', nodeObject(facts)))
  const { data } = nodeSchema.safeParse(object)
  if (data === undefined) throw new ApiError('the API server answered something else than the Node')
  const conditions = data.status.conditions.map(({ type, status, lastTransitionTime: since }) => ({
    type,
    status,
    since: since ?? '',
  }))
  return { uid: data.metadata.uid, conditions: conditions.filter(({ since }) => since !== '') }
}

/** @param patch of `nodeStatus` @throws ApiError */
export async function reportNode(credentials: Credentials, name: string, patch: object): Promise<void> {
  await askApi(credentials, 'PATCH', `/api/v1/nodes/${name}/status`, patch)
}

const leaseSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string().min(1) }) })

/** Says that this host is there. @param now milliseconds @throws ApiError */
export async function renewLease(credentials: Credentials, name: string, uid: string, now: number): Promise<void> {
  const found = await orAbsent(askApi(credentials, 'GET', `${LEASES}/${name}`))
  if (found === undefined) {
    await askApi(credentials, 'POST', LEASES, nodeLease(name, uid, now))
    return
  }
  const version = leaseSchema.safeParse(found).data?.metadata.resourceVersion
  await askApi(credentials, 'PUT', `${LEASES}/${name}`, nodeLease(name, uid, now, version))
}

async function orAbsent(asked: Promise<unknown>): Promise<unknown> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}
