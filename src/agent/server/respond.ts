import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { HelperError, UnknownUnit } from '../helper/helper-error.ts'
import type { Log } from '../log.ts'
import { type Answer, refusal } from './answer.ts'
import type { Client } from './client.ts'
import { decide } from './decide.ts'
import type { RequestLog } from './request-log.ts'
import type { Lines, Request, Route } from './route.ts'
import { streamLines } from './stream-lines.ts'

interface Responding {
  readonly routes: readonly Route[]
  readonly log: Log
  readonly requestLog: RequestLog
  /** Counts a stream; undefined where there are too many. */
  readonly openStream: (client: string) => (() => void) | undefined
  readonly stopping: AbortSignal
}

/** Answers one request of a client. */
export async function respond(
  client: Client,
  serving: Responding,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { log, stopping } = serving
  const { method = '', url = '' } = request
  const answer = await answerTo(client, serving, request)
  const isStream = 'lines' in answer
  const close = isStream && method !== 'HEAD' ? serving.openStream(client.name) : undefined
  const sent = isStream && close === undefined && method !== 'HEAD' ? refusal('too-many-streams') : answer
  serving.requestLog.tell(client, `${method} ${url.slice(0, 200)}`, 'lines' in sent ? 200 : sent.status)
  if (!('lines' in sent)) return send(sent, method, response)
  if (close === undefined) return send({ status: 200, type: 'application/x-ndjson', body: '' }, method, response)
  try {
    await streamLines(sent, { client, response, log, stopping })
  } finally {
    close()
  }
}

function send(answer: Answer, method: string, response: ServerResponse): void {
  // a body that nobody reads is not waited for
  if (answer.status >= 400) response.setHeader('Connection', 'close')
  response.writeHead(answer.status, {
    'Content-Type': answer.type,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
  })
  response.end(method === 'HEAD' ? undefined : answer.body)
}

async function answerTo(
  { role, ends }: Client,
  { routes, log }: Pick<Responding, 'routes' | 'log'>,
  { method = '', url = '', headers }: IncomingMessage,
): Promise<Answer | Lines> {
  const decided = decide(routes, {
    method,
    url,
    hasBody: headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0,
    ...(role === undefined ? {} : { role }),
    // a connection may last longer than the certificate
    isExpired: Date.now() >= ends,
    isOfPage: isOfPage(headers),
  })
  return 'status' in decided ? decided : resultOf(decided.route, decided.request, log)
}

/**
 * Browsers name the page that sends a request (fetch.spec.whatwg.org, Origin header; w3.org/TR/fetch-metadata). `none`:
 * the user has typed the address.
 */
function isOfPage(headers: IncomingHttpHeaders): boolean {
  const { origin, 'sec-fetch-site': site = 'none' } = headers
  return origin !== undefined || site !== 'none'
}

async function resultOf(route: Route, request: Request, log: Log): Promise<Answer | Lines> {
  try {
    return await route.answer(request)
  } catch (error) {
    if (error instanceof UnknownUnit) return refusal('unit-unknown')
    if (error instanceof HelperError) {
      log.error(`${route.path}: ${error.message}`)
      return refusal('helper-failed')
    }
    log.error(`${route.path}: ${error instanceof Error ? (error.stack ?? error.message) : 'failed'}`)
    return refusal('failed')
  }
}
