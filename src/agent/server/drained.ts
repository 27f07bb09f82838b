import type { ServerResponse } from 'node:http'

/** Until the client has read, or nobody waits for it any more. */
export function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.removeListener('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    response.once('drain', done)
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
