import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { growingPause } from '../../agent/growing-pause.ts'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import { watchChanges } from '../../agent/kubernetes/watch.ts'
import type { Log } from '../../agent/log.ts'

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1) }),
  items: z.array(z.unknown()).max(10_000),
})
const changed = z.looseObject({ metadata: z.looseObject({ uid: z.string().min(1).max(100) }) })

/** Bytes of a list: 110 Pods of the largest size that etcd takes would be more, and are no list of a Node. */
const MOST = 67_108_864
const PAUSES = { shortest: 1_000, longest: 30_000 }

interface Wanted {
  /** The credentials, for each question anew. */
  readonly read: () => Promise<Credentials>
  readonly node: string
  readonly log: Log
  readonly signal: AbortSignal
  /** Something may have changed. */
  readonly changed: () => void
}

/**
 * The Pods that are bound to a Node, as the API server has them: a list, then its changes, and from the start again
 * whenever that ends.
 */
export class PodsOfNode {
  #objects: ReadonlyMap<string, unknown> | undefined

  /** Undefined until the first list: without it nobody knows what is a leftover. */
  get objects(): readonly unknown[] | undefined {
    return this.#objects === undefined ? undefined : [...this.#objects.values()]
  }

  /** Ends by `signal` alone, and with its reason. */
  async follow({ read, node, log, signal, changed: tell }: Wanted): Promise<never> {
    const path = `/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`
    for (let failures = 0; ; ) {
      try {
        const { metadata, items } = listSchema.parse(await askApi(await read(), 'GET', path, undefined, { most: MOST }))
        this.#objects = new Map(items.flatMap((one) => entryOf(one)))
        failures = 0
        tell()
        for await (const { type, object } of watchChanges(await read(), path, metadata.resourceVersion, signal)) {
          for (const [uid, one] of entryOf(object)) this.#change(uid, type === 'DELETED' ? undefined : one)
          tell()
        }
      } catch (error) {
        signal.throwIfAborted()
        // 410: the version of the list is too old, and the next list has a new one
        if (error instanceof ApiError && error.status === 410) continue
        failures += 1
        log.warn(`no Pods from the API server: ${error instanceof ApiError ? error.message : 'not a list of them'}`)
        await sleep(growingPause(PAUSES, failures), undefined, { signal })
      }
    }
  }

  #change(uid: string, object: unknown): void {
    const objects = new Map(this.#objects)
    if (object === undefined) objects.delete(uid)
    else objects.set(uid, object)
    this.#objects = objects
  }
}

function entryOf(object: unknown): readonly (readonly [string, unknown])[] {
  const uid = changed.safeParse(object).data?.metadata.uid
  return uid === undefined ? [] : [[uid, object]]
}
