import * as z from 'zod'
import type { ApproverPolicy } from '../../model/keel-agent/approver-policy.ts'
import { ApiError, askApi } from '../kubernetes/api.ts'
import type { Credentials } from '../kubernetes/credentials.ts'
import { microTime } from '../kubernetes/micro-time.ts'

const leaseSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1) }),
  spec: z
    .looseObject({
      holderIdentity: z.string().optional(),
      renewTime: z.string().optional(),
      acquireTime: z.string().optional(),
      leaseTransitions: z.int().optional(),
    })
    .default({}),
})

interface Options {
  readonly read: () => Promise<Credentials>
  readonly lease: ApproverPolicy['lease']
  /** Who this is: the name of the node. */
  readonly identity: string
  /** Seconds for which a Lease is its holder's without a renewal. */
  readonly duration: number
  /** Milliseconds for a question. */
  readonly longest: number
}

/**
 * A Lease of Kubernetes, as client-go's leader election uses it (k8s.io/client-go/tools/leaderelection). It never
 * compares the times in the object with a clock: another holder's Lease has ended once it has not changed for its whole
 * duration, by this process's own monotonic clock. Two at a time can't get it: an update names the version that it has
 * seen.
 */
export class Lease {
  readonly #options: Options
  #seen: { readonly version: string; readonly at: number } | undefined
  /** As this one's last update left it: the next one names this version, and needs no question before it. */
  #held: z.output<typeof leaseSchema> | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Takes or renews it, if it is free or this one's.
   * @param now milliseconds of a monotonic clock
   * @returns whether this one has it
   * @throws ApiError where that is not known
   */
  async take(now: number): Promise<boolean> {
    const { identity, duration } = this.#options
    if (this.#held !== undefined && (await this.#renew(this.#held))) return true
    const found = await this.#find()
    if (found === undefined) return this.#put('POST', undefined, { leaseTransitions: 0, ...this.#since() })
    const { spec, metadata } = found
    const { holderIdentity: holder = '' } = spec
    // each update has another version, so this is when the object changed
    if (this.#seen?.version !== metadata.resourceVersion) this.#seen = { version: metadata.resourceVersion, at: now }
    if (holder !== '' && holder !== identity && now < this.#seen.at + duration * 1000) return false
    const isOwn = holder === identity
    const kept = isOwn && spec.acquireTime !== undefined ? { acquireTime: spec.acquireTime } : this.#since()
    const transitions = (spec.leaseTransitions ?? 0) + (isOwn ? 0 : 1)
    return this.#put('PUT', metadata.resourceVersion, { leaseTransitions: transitions, ...kept })
  }

  /** @returns false where the object is another one by now: somebody else has it, or it was deleted */
  async #renew({ metadata, spec }: z.output<typeof leaseSchema>): Promise<boolean> {
    this.#held = undefined
    const { acquireTime, leaseTransitions } = spec
    try {
      return await this.#put('PUT', metadata.resourceVersion, { acquireTime, leaseTransitions })
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false
      throw error
    }
  }

  /** Leaves it to the next one at once. @throws ApiError */
  async release(): Promise<void> {
    const found = await this.#find()
    if (found?.spec.holderIdentity !== this.#options.identity) return
    const leaseTransitions = found.spec.leaseTransitions ?? 0
    await this.#put('PUT', found.metadata.resourceVersion, { leaseTransitions, holderIdentity: '' })
    this.#held = undefined
  }

  async #find() {
    try {
      const { data } = leaseSchema.safeParse(await this.#ask('GET'))
      if (data === undefined) throw new ApiError('the API server answered something else than a Lease')
      return data
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined
      throw error
    }
  }

  async #put(method: 'POST' | 'PUT', resourceVersion: string | undefined, spec: object): Promise<boolean> {
    const { lease, identity, duration } = this.#options
    const metadata = { ...lease, ...(resourceVersion === undefined ? {} : { resourceVersion }) }
    const renewed = { holderIdentity: identity, leaseDurationSeconds: duration, renewTime: microTime(Date.now()) }
    try {
      const put = await this.#ask(method, {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata,
        spec: { ...renewed, ...spec },
      })
      this.#held = leaseSchema.safeParse(put).data
      return true
    } catch (error) {
      // somebody else was faster
      if (error instanceof ApiError && error.status === 409) return false
      throw error
    }
  }

  async #ask(method: 'GET' | 'POST' | 'PUT', body?: object): Promise<unknown> {
    const { read, lease, longest } = this.#options
    const list = `/apis/coordination.k8s.io/v1/namespaces/${lease.namespace}/leases`
    return askApi(await read(), method, method === 'POST' ? list : `${list}/${lease.name}`, body, { longest })
  }

  #since() {
    return { acquireTime: microTime(Date.now()) }
  }
}
