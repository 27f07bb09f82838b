import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for a condition: calls `condition` again and again until it returns something, and returns that.
 * @throws Error with the name of the condition after `seconds`
 */
export async function until<Found>(
  what: string,
  condition: () => Promise<Found | false | undefined> | Found | false | undefined,
  seconds = 90,
  everyMs = 10,
): Promise<Found> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    const found = await condition()
    if (found) return found
    if (performance.now() > deadline) throw new Error(`waited ${seconds} s in vain: ${what}`)
    await sleep(everyMs)
  }
}
