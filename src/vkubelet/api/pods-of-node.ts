import { setTimeout as sleep } from 'node:timers/promises'
import * as z from 'zod'
import { growingPause } from '../../agent/growing-pause.ts'
import { ApiError, askApi } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import { watchChanges } from '../../agent/kubernetes/watch.ts'
import type { Log } from '../../agent/log.ts'

const listSchema = z.looseObject({
  metadata: z.looseObject({ resourceVersion: z.string().min(1), continue: z.string().max(10_000).nullish() }),
  items: z.array(z.unknown()).max(10_000),
})
const changed = z.looseObject({ metadata: z.looseObject({ uid: z.string().min(1).max(100) }) })

/** Pods of one answer, and its bytes: as many of the largest size that etcd takes. */
const PAGE = 30
const MOST = 67_108_864
/** Anybody who can create Pods can write the name of this Node into them. */
const MOST_PAGES = 1_000
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
        const { objects, version } = await listed(read, path)
        this.#objects = objects
        failures = 0
        tell()
        for await (const { type, object } of watchChanges(await read(), path, version, signal)) {
          for (const [uid, one] of entryOf(object)) this.#change(uid, type === 'DELETED' ? undefined : one)
          tell()
        }
      } catch (error) {
        signal.throwIfAborted()
        // 410: the version of the list is too old, and the next list has a new one
        if (error instanceof ApiError && error.status === 410) {
          await sleep(PAUSES.shortest, undefined, { signal })
          continue
        }
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

/** All Pods, a page at a time: a hundred large ones in one answer would be more than the program may have of memory. */
async function listed(read: Wanted['read'], path: string) {
  const objects = new Map<string, unknown>()
  let next = ''
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = new URLSearchParams({ limit: `${PAGE}`, ...(next === '' ? {} : { continue: next }) })
    const answer = await askApi(await read(), 'GET', `${path}&${query}`, undefined, { most: MOST })
    const { metadata, items } = listSchema.parse(answer)
    for (const one of items) for (const [uid, object] of entryOf(one)) objects.set(uid, object)
    next = metadata.continue ?? ''
    if (next === '') return { objects, version: metadata.resourceVersion }
  }
  throw new ApiError(`this Node has more than ${MOST_PAGES * PAGE} Pods`)
}

/** Without who has changed which field of it, which is half of a Pod, and nobody here asks for it. */
function entryOf(object: unknown): readonly (readonly [string, unknown])[] {
  const { data } = changed.safeParse(object)
  if (data === undefined) return []
  const { managedFields: _, ...metadata } = data.metadata
  return [[data.metadata.uid, { ...data, metadata }]]
}
