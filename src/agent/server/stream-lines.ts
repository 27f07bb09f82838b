import type { ServerResponse } from 'node:http'
import { HelperError } from '../helper/helper-error.ts'
import type { Log } from '../log.ts'
import type { Client } from './client.ts'
import { drained } from './drained.ts'
import { limits } from './limits.ts'
import type { Lines } from './route.ts'
import { type EndReason, endOf, type StreamEnd } from './stream-end.ts'

interface Stream {
  readonly client: Client
  readonly response: ServerResponse
  readonly log: Log
  readonly stopping: AbortSignal
}

/**
 * Answers with lines of JSON (NDJSON), each when the client has taken those before it. So a client that does not read
 * stops the source, and takes a few kilobytes.
 */
export async function streamLines({ lines }: Lines, { client, response, log, stopping }: Stream): Promise<void> {
  const began = performance.now()
  let blockedSince: number | undefined
  let reason: EndReason | undefined
  const ending = new AbortController()
  const end = (why: EndReason) => {
    reason ??= why
    ending.abort()
  }
  const check = () => {
    const now = performance.now()
    const progress = {
      now: Date.now(),
      began,
      ends: client.ends,
      ...(blockedSince === undefined ? {} : { blockedSince }),
    }
    const why = endOf(progress, limits, now)
    if (why !== undefined) end(why)
  }
  const timer = setInterval(check, limits.checkEvery)
  const gone = () => ending.abort()
  const stop = () => end('stopping')
  response.once('close', gone)
  stopping.addEventListener('abort', stop)
  // a stream may be silent for long; the kernel asks whether the client is still there
  response.socket?.setTimeout(0)
  response.socket?.setKeepAlive(true, limits.idleTime)
  response.writeHead(200, { 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store', Connection: 'close' })
  response.flushHeaders()
  try {
    for await (const line of lines(ending.signal)) {
      if (ending.signal.aborted) break
      if (response.write(`${JSON.stringify(line)}\n`)) continue
      blockedSince = performance.now()
      await drained(response, ending.signal)
      blockedSince = undefined
    }
    reason ??= 'complete'
  } catch (error) {
    if (!ending.signal.aborted)
      log.warn(`a stream failed: ${error instanceof HelperError ? error.message : String(error)}`)
    reason ??= 'failed'
  } finally {
    clearInterval(timer)
    stopping.removeEventListener('abort', stop)
    response.removeListener('close', gone)
  }
  const last: StreamEnd = { end: reason }
  response.end(`${JSON.stringify(last)}\n`)
  const giveUp = setTimeout(() => response.destroy(), limits.lastLine)
  response.once('close', () => clearTimeout(giveUp))
}
