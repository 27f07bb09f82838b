import type { AgentEvent, EventKind } from './event.ts'

/** Events that are kept for those who ask later. */
const KEPT = 500
/** Of a stream that does not take them: it ends when there are more. */
const WAITING = 500

export type NewEvent = Pick<AgentEvent, 'kind' | 'about' | 'message'>

/** What the agent has noticed lately. */
export interface EventRing {
  add(event: NewEvent): void
  /** How many there have been since the agent was started, by kind. */
  counts(): ReadonlyMap<EventKind, number>
  /**
   * Those since a time (Unix, in seconds) that are still known, and with `follow` those that come.
   * @param signal ends it
   */
  read(since: number, follow: boolean, signal: AbortSignal): AsyncGenerator<AgentEvent>
}

export function eventRing(now: () => Date = () => new Date()): EventRing {
  let kept: readonly AgentEvent[] = []
  let last = 0
  const counts = new Map<EventKind, number>()
  const listeners = new Set<(event: AgentEvent) => void>()
  return {
    add({ kind, about, message }) {
      last += 1
      const event = { id: last, time: now().toISOString(), kind, about, message }
      kept = [...kept, event].slice(-KEPT)
      counts.set(kind, (counts.get(kind) ?? 0) + 1)
      for (const listener of listeners) listener(event)
    },
    counts: () => counts,
    async *read(since, follow, signal) {
      const waiting = kept.filter(({ time }) => Date.parse(time) >= since * 1000)
      let wake = () => {}
      let isFull = false
      const listener = (event: AgentEvent) => {
        if (waiting.length >= WAITING) isFull = true
        else waiting.push(event)
        wake()
      }
      const stop = () => wake()
      if (follow) listeners.add(listener)
      signal.addEventListener('abort', stop)
      try {
        while (!signal.aborted) {
          const next = waiting.shift()
          if (next !== undefined) yield next
          else if (!follow) return
          else if (isFull) throw new Error('the client missed events')
          else
            await new Promise<void>((resolve) => {
              wake = resolve
            })
        }
      } finally {
        listeners.delete(listener)
        signal.removeEventListener('abort', stop)
      }
    },
  }
}
