/**
 * `items.map(work)` with at most `limit` under way; results in the items' order. The first rejection is thrown once all
 * under way have ended.
 */
export async function inParallel<Item, Result>(
  limit: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Map<number, Result>()
  const pending = items.entries()
  const failures: unknown[] = []
  const worker = async () => {
    for (const [index, item] of pending) {
      if (failures.length > 0) return
      try {
        results.set(index, await work(item))
      } catch (error) {
        failures.push(error)
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return [...results].toSorted(([a], [b]) => a - b).map(([, result]) => result)
}
