import { setTimeout as sleep } from 'node:timers/promises'
import type { ApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { ApiError } from '../kubernetes/api.ts'
import type { Credentials } from '../kubernetes/credentials.ts'
import type { Log } from '../log.ts'
import type { Complaints } from './complaints.ts'
import { Lease } from './lease.ts'

/** Seconds, as in client-go's recommendations (component-base/config/v1alpha1, RecommendedDefaultLeaderElection). */
const TIMES = { duration: 15, deadline: 10, retry: 2 } as const

interface Wanted {
  readonly read: () => Promise<Credentials>
  readonly lease: ApproverPolicy['lease']
  readonly identity: string
  readonly log: Log
  readonly complaints: Complaints
  readonly signal: AbortSignal
  readonly times?: { readonly duration: number; readonly deadline: number; readonly retry: number }
}

/** Milliseconds: an API server that starts refuses tokens for a while. */
const REFUSED = 15_000

/**
 * Does the work while this one has the Lease, and stops it before another one can have it. It ends by `signal`, and then
 * leaves the Lease to the next one; or where the API server goes on refusing the token, as after its account was created
 * anew. systemd then starts both units, and the token is a new one.
 * @param work ends by its signal
 */
export async function whileLeading(
  { read, lease: which, identity, log, complaints, signal, times = TIMES }: Wanted,
  work: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const { duration, deadline, retry } = times
  const lease = new Lease({ read, lease: which, identity, duration, longest: (deadline * 1000) / 2 })
  let refusedSince: number | undefined
  const take = async (now: number): Promise<boolean> => {
    try {
      const isOwn = await lease.take(now)
      complaints.end('lease')
      refusedSince = undefined
      return isOwn
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refusedSince = error.status === 401 ? (refusedSince ?? now) : undefined
      complaints.tell('lease', `can't ask for the Lease: ${error.message}`)
      return false
    }
  }
  const pause = () => sleep(retry * 1000 * (1 + Math.random() / 5), undefined, { signal }).catch(() => undefined)
  while (!signal.aborted) {
    const since = performance.now()
    if (!(await take(since))) {
      if (refusedSince !== undefined && since > refusedSince + REFUSED) {
        log.warn('the API server refuses the token: the approver ends, to start with a new one')
        return
      }
      await pause()
      continue
    }
    log.info(`${identity} is the active approver`)
    const leading = new AbortController()
    const stop = () => leading.abort()
    signal.addEventListener('abort', stop, { once: true })
    const working = work(leading.signal).finally(stop)
    let timer = setTimeout(stop, deadline * 1000)
    while (!leading.signal.aborted) {
      await Promise.race([pause(), working.catch(() => undefined)])
      if (leading.signal.aborted) break
      const asked = performance.now()
      if (!(await take(asked)) || leading.signal.aborted) continue
      clearTimeout(timer)
      timer = setTimeout(stop, asked + deadline * 1000 - performance.now())
    }
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
    await working
    log.info(`${identity} is no longer the active approver`)
  }
  // the deadline has passed, or it is told to end
  await lease.release().catch(() => undefined)
}
