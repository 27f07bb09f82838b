import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** The limit for redirects; more of them are a loop. */
const MOST_REDIRECTS = 5

/**
 * The body of an HTTP answer, or the bytes of a file (`file:`). It follows redirects only to https or to the same server, so a mirror without TLS can't
 * send keel to another server without TLS.
 * @throws Error with the reason
 */
export async function openDownload(url: string, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  if (url.startsWith('file:')) return openFile(fileURLToPath(url))
  let from = new URL(url)
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const response = await fetch(from, { redirect: 'manual', ...(signal === undefined ? {} : { signal }) })
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      const to = new URL(location, from)
      if (to.protocol !== 'https:' && to.origin !== from.origin)
        throw new Error(`it redirects to ${to.origin}, which does not use https`)
      from = to
      continue
    }
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`)
    return response.body
  }
  throw new Error(`more than ${MOST_REDIRECTS} redirects`)
}

/** @throws Error with the reason; for anything except a regular file too */
async function openFile(path: string): Promise<ReadableStream<Uint8Array>> {
  // opening a pipe without a writer does not wait
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  if ((await handle.stat()).isFile()) return ReadableStream.from(handle.createReadStream())
  await handle.close()
  throw new Error('it is not a regular file')
}
