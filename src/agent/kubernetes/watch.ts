import { StringDecoder } from 'node:string_decoder'
import * as z from 'zod'
import { jsonText } from '../../model/text/json-text.ts'
import { ApiError, chunksOf, openApi } from './api.ts'
import type { Credentials } from './credentials.ts'

/** Seconds after which the API server ends a watch. */
const LASTS = 240
/** Milliseconds until it has begun its answer: it does so at once, also while nothing changes. */
const BEGINS = 10_000
/** Characters of one change: etcd takes no object of more than 1.5 MB, which base64 makes longer. */
const MOST = 4_194_304

const event = jsonText.pipe(
  z.looseObject({
    type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
    object: z.looseObject({ code: z.number().optional() }),
  }),
)

/**
 * The objects that are new or changed since a version of the list, until the watch ends by itself.
 * @param path of the list
 * @throws ApiError where it ends otherwise: also where the version is too old (410), and a new list is needed
 */
export async function* watchApi(
  credentials: Credentials,
  path: string,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  for await (const { type, object } of watchChanges(credentials, path, resourceVersion, signal))
    if (type !== 'DELETED') yield object
}

interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: unknown
}

/**
 * The same with the objects that are gone.
 * @param path of the list, with a query or without one
 * @throws ApiError as `watchApi`
 */
export async function* watchChanges(
  credentials: Credentials,
  path: string,
  resourceVersion: string,
  signal: AbortSignal,
): AsyncGenerator<Change> {
  const query = new URLSearchParams({ watch: 'true', resourceVersion, timeoutSeconds: `${LASTS}` })
  // a server that sends nothing for ever
  const late = new AbortController()
  let timer = setTimeout(() => late.abort(), BEGINS)
  try {
    const response = await openApi(credentials, {
      method: 'GET',
      path: `${path}${path.includes('?') ? '&' : '?'}${query}`,
      signal: AbortSignal.any([signal, late.signal]),
    })
    clearTimeout(timer)
    timer = setTimeout(() => late.abort(), (LASTS + 30) * 1000)
    const { statusCode = 0 } = response
    if (statusCode !== 200) {
      response.destroy()
      throw new ApiError(`the API server answered ${statusCode} to a watch`, { status: statusCode })
    }
    const decoder = new StringDecoder('utf8')
    let rest = ''
    for await (const chunk of chunksOf(response)) {
      const lines = (rest + decoder.write(chunk)).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > MOST) throw new ApiError('the API server sent a change that is too long', { isTooLong: true })
      for (const line of lines) {
        const { data } = event.safeParse(line)
        if (data === undefined) throw new ApiError('the API server sent something else than changes')
        if (data.type === 'ERROR') {
          const { code = 0 } = data.object
          throw new ApiError(`the API server ended the watch with ${code}`, { status: code })
        }
        if (data.type !== 'BOOKMARK') yield { type: data.type, object: data.object }
      }
    }
  } finally {
    clearTimeout(timer)
  }
}
