import { setTimeout as sleep } from 'node:timers/promises'
import type { Answers } from './checked-answer.ts'

type Line = Answers['events' | 'journal']

/** Milliseconds before an agent is asked for the rest. */
const PAUSE = 1_000

/**
 * The lines of a stream that is followed. An agent ends it when the certificate of the client has expired, or when it
 * is long: then this asks for the rest, with a new certificate.
 * @param streamOf from the start, or from a Unix time on
 */
export async function* followed(
  streamOf: (since: number | undefined) => AsyncGenerator<Line>,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  let last = ''
  for (;;) {
    const before = last
    let isCut = false
    for await (const line of streamOf(sinceOf(before))) {
      if ('end' in line) {
        isCut = line.end === 'expired' || line.end === 'too-long'
        if (!isCut) yield line
      } else if (line.time > before) {
        yield line
        last = line.time
      }
    }
    if (!isCut) return
    await sleep(PAUSE, undefined, { signal })
  }
}

function sinceOf(time: string): number | undefined {
  const seconds = Math.floor(Date.parse(time) / 1000)
  return Number.isSafeInteger(seconds) && seconds >= 0 ? seconds : undefined
}
