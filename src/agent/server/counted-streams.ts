/**
 * Counts what is open for each client, and in all.
 * @returns undefined where there are as many as are allowed; else what to call when it has ended
 */
export function countedStreams(ofOneClient: number, inAll: number): (client: string) => (() => void) | undefined {
  const open = new Map<string, number>()
  let all = 0
  return (client) => {
    const own = open.get(client) ?? 0
    if (own >= ofOneClient || all >= inAll) return undefined
    open.set(client, own + 1)
    all += 1
    return () => {
      const now = open.get(client) ?? 1
      if (now === 1) open.delete(client)
      else open.set(client, now - 1)
      all -= 1
    }
  }
}
