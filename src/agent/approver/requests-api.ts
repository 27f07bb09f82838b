import * as z from 'zod'
import { ApiError, askApi } from '../kubernetes/api.ts'
import type { Credentials } from '../kubernetes/credentials.ts'
import { microTime } from '../kubernetes/micro-time.ts'
import { REQUESTS } from '../kubernetes/requests-path.ts'
import type { Decision } from './decide-request.ts'
import { type SigningRequest, signingRequest } from './signing-request.ts'

/** Bytes of a page: etcd takes no object of more than 1.5 MB, which base64 makes longer. */
const MOST = 4_194_304
const PAGE = 100
/** A list with only the metadata of each object, which are never huge (Kubernetes' API concepts, "Metadata-only fetches"). */
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'

const listed = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1), continue: z.string().optional() }),
  items: z.array(z.unknown()).max(PAGE),
})

/**
 * Every request that there is, page by page. Where a page is too long, because somebody has made huge requests, the
 * pages have fewer. One that is too long alone is left out: it delays no other.
 * @returns the version of the list, from which a watch continues
 * @throws ApiError
 */
export async function listRequests(
  read: () => Promise<Credentials>,
  see: (object: unknown) => void,
  signal: AbortSignal,
): Promise<string> {
  let limit = PAGE
  let next = ''
  for (;;) {
    signal.throwIfAborted()
    const query = new URLSearchParams({ limit: `${limit}`, ...(next === '' ? {} : { continue: next }) })
    const page = await pageOf(read, query)
    if (page === undefined && limit > 1) {
      limit = Math.ceil(limit / 10)
      continue
    }
    for (const item of page?.items ?? []) see(item)
    // only the metadata of a page say where the next one begins
    const { metadata } = page ?? (await pageOf(read, query, METADATA_ONLY)) ?? tooLong()
    if (page === undefined) limit = PAGE
    next = metadata.continue ?? ''
    if (next === '') return metadata.resourceVersion
  }
}

/** @returns undefined where it is too long */
async function pageOf(
  read: () => Promise<Credentials>,
  query: URLSearchParams,
  accept?: string,
): Promise<z.infer<typeof listed> | undefined> {
  try {
    const wanted = { most: MOST, ...(accept === undefined ? {} : { accept }) }
    const { data } = listed.safeParse(await askApi(await read(), 'GET', `${REQUESTS}?${query}`, undefined, wanted))
    if (data === undefined) throw new ApiError('the API server answered something else than a list of requests')
    return data
  } catch (error) {
    if (error instanceof ApiError && error.isTooLong) return undefined
    throw error
  }
}

function tooLong(): never {
  throw new ApiError('the API server sent an answer that is too long', { isTooLong: true })
}

/** A request, and the whole object that the API needs back. */
export interface Found {
  readonly request: SigningRequest
  readonly object: Readonly<Record<string, unknown>>
}

const anyObject = z.record(z.string(), z.unknown())

/** @returns undefined where it is gone, or nothing that the approver can read */
export async function findRequest(read: () => Promise<Credentials>, name: string): Promise<Found | undefined> {
  try {
    const answer = await askApi(await read(), 'GET', pathOf(name), undefined, { most: MOST })
    const [request, object] = [signingRequest.safeParse(answer).data, anyObject.safeParse(answer).data]
    return request === undefined || object === undefined || request.metadata.name !== name
      ? undefined
      : { request, object }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

export type Verdict = Exclude<Decision, { readonly kind: 'leave' }>

/** Approves or denies it, if it has not changed since it was found. @throws ApiError: status 409 where it has */
export async function putVerdict(
  read: () => Promise<Credentials>,
  { request, object }: Found,
  { kind, reason, message }: Verdict,
): Promise<void> {
  const type = kind === 'approve' ? 'Approved' : 'Denied'
  const conditions = [...(request.status.conditions ?? []), { type, status: 'True', reason, message }]
  await askApi(
    await read(),
    'PUT',
    `${pathOf(request.metadata.name)}/approval`,
    { ...object, status: { ...request.status, conditions } },
    { most: MOST },
  )
}

/** So that `kubectl describe csr` and `kubectl get events` show it. @throws ApiError */
export async function postEvent(
  read: () => Promise<Credentials>,
  { metadata: { name, uid } }: SigningRequest,
  { kind, reason, message }: Verdict,
  instance: string,
): Promise<void> {
  // Kubernetes takes Events about objects without a namespace only in this one (validation of core/v1 Event)
  const namespace = 'default'
  await askApi(await read(), 'POST', `/apis/events.k8s.io/v1/namespaces/${namespace}/events`, {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace, generateName: 'keel-approver-' },
    eventTime: microTime(Date.now()),
    reportingController: 'keel.internal/approver',
    reportingInstance: instance,
    action: kind === 'approve' ? 'Approve' : 'Deny',
    reason,
    note: message,
    type: kind === 'approve' ? 'Normal' : 'Warning',
    regarding: { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', name, uid },
  })
}

function pathOf(name: string): string {
  return `${REQUESTS}/${encodeURIComponent(name)}`
}
