import { setTimeout as sleep } from 'node:timers/promises'
import type { ApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { growingPause } from '../growing-pause.ts'
import { ApiError } from '../kubernetes/api.ts'
import type { Credentials } from '../kubernetes/credentials.ts'
import { REQUESTS } from '../kubernetes/requests-path.ts'
import { watchApi } from '../kubernetes/watch.ts'
import type { Log } from '../log.ts'
import type { Complaints } from './complaints.ts'
import { decideRequest, nodeOf } from './decide-request.ts'
import { FairQueue } from './fair-queue.ts'
import { PAUSES } from './pauses.ts'
import { RecentRequests } from './recent-requests.ts'
import { findRequest, listRequests, postEvent, putVerdict, type Verdict } from './requests-api.ts'
import { Retries } from './retries.ts'
import { createdAt, type SigningRequest, signingRequest } from './signing-request.ts'

interface Wanted {
  readonly policy: ApproverPolicy
  readonly read: () => Promise<Credentials>
  /** The name of the node, in Events. */
  readonly identity: string
  readonly log: Log
  readonly complaints: Complaints
}

/** Milliseconds before another request is looked at after a failure: an API server that fails for all is not pressed. */
const BREATH = 250
/** Milliseconds between two Events that say of a node that it floods. */
const FLOOD_AGAIN = 10 * 60_000

/** Approves and denies requests until `signal`. Never throws for what the API server does. */
export async function approveRequests(wanted: Wanted, signal: AbortSignal): Promise<void> {
  const recent = new RecentRequests()
  const queue = new FairQueue()
  const retries = new Retries()
  const isWaiting = (request: SigningRequest): boolean => decideRequest(wanted.policy, request, 0).kind !== 'leave'
  const see = (object: unknown): void => {
    const request = signingRequest.safeParse(object).data
    if (request === undefined) return
    const node = nodeOf(wanted.policy, request)
    if (node !== undefined) recent.note(node, request.metadata.uid, createdAt(request))
    if (isWaiting(request) && !retries.has(request.metadata.name))
      queue.add(node ?? request.spec.username, request.metadata.name)
  }
  const ending = new AbortController()
  const both = AbortSignal.any([signal, ending.signal])
  let deciding: Promise<void> | undefined
  for (let failures = 0; !signal.aborted; ) {
    try {
      const version = await listRequests(wanted.read, see, signal)
      // not before the whole list was seen: it says how many requests a node has made
      deciding ??= decideAll(wanted, { recent, queue, retries }, both)
      wanted.complaints.end('requests')
      failures = 0
      for await (const object of watchApi(await wanted.read(), REQUESTS, version, signal)) see(object)
    } catch (error) {
      if (signal.aborted) break
      if (!(error instanceof ApiError)) throw error
      failures += 1
      // an old version is no trouble: a new list follows
      if (error.status !== 410) wanted.complaints.tell('requests', `can't follow the requests: ${error.message}`)
      await pause(growingPause(PAUSES, failures), signal)
    }
  }
  ending.abort()
  await deciding
}

interface Seen {
  readonly recent: RecentRequests
  readonly queue: FairQueue
  readonly retries: Retries
}

async function decideAll(wanted: Wanted, { recent, queue, retries }: Seen, signal: AbortSignal): Promise<void> {
  const floods = new Map<string, number>()
  while (!signal.aborted) {
    const next = await queue.next(signal).catch(() => undefined)
    if (next === undefined) break
    const { owner, name } = next
    try {
      await decideOne(wanted, { recent, floods }, name)
      retries.end(name)
      if (retries.isEmpty) wanted.complaints.end('decisions')
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      retries.add(name, () => queue.add(owner, name))
      // somebody else has changed it
      if (error.status === 409) continue
      wanted.complaints.tell('decisions', `can't decide ${name}: ${error.message}`)
      await pause(BREATH, signal)
    }
  }
  retries.endAll()
}

interface Counted {
  readonly recent: RecentRequests
  /** When it was last said of a node that it floods. */
  readonly floods: Map<string, number>
}

/** @throws ApiError */
async function decideOne(
  { policy, read, identity, log, complaints }: Wanted,
  { recent, floods }: Counted,
  name: string,
): Promise<void> {
  const found = await findRequest(read, name)
  if (found === undefined) return
  const { request } = found
  const node = nodeOf(policy, request)
  const earlier = node === undefined ? 0 : recent.before(node, request.metadata.uid, createdAt(request))
  const decision = decideRequest(policy, request, earlier)
  if (decision.kind === 'leave') return
  const verdict: Verdict = { ...decision, message: `keel-approver: ${decision.message}` }
  await putVerdict(read, found, verdict)
  const words = decision.kind === 'approve' ? 'approved' : `denied (${decision.reason})`
  log[decision.kind === 'approve' ? 'info' : 'warn'](`${words} ${name}: ${decision.message}`)
  if (decision.reason === 'TooManyRequests' && node !== undefined) {
    if (performance.now() < (floods.get(node) ?? Number.NEGATIVE_INFINITY) + FLOOD_AGAIN) return
    floods.set(node, performance.now())
  }
  // it is decided: an Event that can't be written changes nothing
  await postEvent(read, request, verdict, identity).catch((error: unknown) => {
    if (!(error instanceof ApiError)) throw error
    complaints.tell('events', `can't write an Event: ${error.message}`)
  })
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined)
}
