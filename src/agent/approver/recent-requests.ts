const HOUR = 60 * 60

/** Requests of a node that are remembered. Far more than a policy allows in an hour: a flood needs no more memory. */
const MOST = 1000

/** When each node made its requests in the last hour, by the API server's clock. */
export class RecentRequests {
  readonly #nodes = new Map<string, Map<string, number>>()

  /**
   * @param uid of the request: it counts once, however often it is seen
   * @param created seconds
   */
  note(node: string, uid: string, created: number): void {
    const requests = this.#nodes.get(node) ?? new Map<string, number>()
    this.#nodes.set(node, requests)
    requests.set(uid, created)
    if (requests.size <= 2 * MOST) return
    const newestFirst = [...requests].toSorted(([, a], [, b]) => b - a)
    this.#nodes.set(node, new Map(newestFirst.slice(0, MOST)))
  }

  /** How many others the node has made in the hour until this one. Those of the same second count. */
  before(node: string, uid: string, created: number): number {
    const requests = this.#nodes.get(node) ?? []
    return [...requests].filter(([other, at]) => other !== uid && at > created - HOUR && at <= created).length
  }
}
