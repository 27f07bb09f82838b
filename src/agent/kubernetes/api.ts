import type { ClientRequest, IncomingMessage } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import * as z from 'zod'
import { systemCode } from '../../errors.ts'
import { jsonText } from '../../model/text/json-text.ts'
import type { Credentials } from './credentials.ts'

/** Milliseconds for one question, with its answer. */
const LONGEST = 10_000
/** The same for a look at its health, for which a client waits. */
const LONGEST_CHECK = 3_000
/** Bytes of an answer. A certificate request with its certificate has some kilobytes. */
const MOST = 1_048_576

const PATCH_TYPE = 'application/strategic-merge-patch+json'

/** What went wrong with a question to the API, in words for the log: never what the server has sent as a whole. */
export class ApiError extends Error {
  /** The status of the answer; absent where there was none. */
  readonly status: number | undefined
  /** The answer was longer than the question allowed. */
  readonly isTooLong: boolean

  constructor(message: string, { status, isTooLong = false }: { status?: number; isTooLong?: boolean } = {}) {
    super(message)
    this.status = status
    this.isTooLong = isTooLong
  }
}

/** Why something with the API failed, in words for a log. */
export function apiReason(error: unknown): string {
  return error instanceof ApiError ? error.message : systemCode(error)
}

interface Wanted {
  /** Milliseconds, with the answer. */
  readonly longest?: number
  /** Bytes of the answer. */
  readonly most?: number
  /** The form of the answer. */
  readonly accept?: string
}

const status = z.looseObject({ message: z.string() })

/** PATCH: a strategic merge patch. */
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Asks the API server something.
 * @returns what its JSON says
 * @throws ApiError where it does not answer in time, or with something else
 */
export async function askApi(
  credentials: Credentials,
  method: Method,
  path: string,
  body?: object,
  { longest = LONGEST, most = MOST, accept }: Wanted = {},
): Promise<unknown> {
  const signal = AbortSignal.timeout(longest)
  const response = await openApi(credentials, { method, path, body, accept, signal })
  const text = await textOf(response, most)
  const answer = jsonText.safeParse(text).data
  if (isSuccess(response) && answer !== undefined) return answer
  throw refused(response, answer)
}

/** The same for what answers with no JSON. @throws ApiError */
export async function checkApi(credentials: Credentials, path: string): Promise<void> {
  const response = await openApi(credentials, { method: 'GET', path, signal: AbortSignal.timeout(LONGEST_CHECK) })
  const text = await textOf(response, MOST)
  if (!isSuccess(response)) throw refused(response, jsonText.safeParse(text).data)
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300
}

function refused({ statusCode = 0 }: IncomingMessage, answer: unknown): ApiError {
  const told = status.safeParse(answer).data?.message.slice(0, 300)
  return new ApiError(`the API server answered ${statusCode}${told === undefined ? '' : `: ${told}`}`, {
    status: statusCode,
  })
}

interface Question {
  readonly method: Method
  readonly path: string
  readonly body?: object | undefined
  readonly accept?: string | undefined
  /** Ends the question, also while its answer comes. */
  readonly signal: AbortSignal
}

/**
 * Asks, and gives the answer as it comes. It follows no redirection: the credential is for this server alone.
 * @throws ApiError where there is no answer
 */
export function openApi(
  { server, ca, cert, key, token, connections }: Credentials,
  { method, path, body, accept = 'application/json', signal }: Question,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const asked = requestOf(new URL(path, server), {
      method,
      ca,
      cert,
      key,
      agent: connections ?? false,
      signal,
      headers: {
        Accept: accept,
        ...(text === undefined ? {} : bodyHeaders(method, text)),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    })
    asked.on('error', (error) => reject(new ApiError(`the API server does not answer (${systemCode(error)})`)))
    // an answer that switches to another protocol, and whatever else ends the connection without an answer
    asked.on('upgrade', (_response, socket) => socket.destroy())
    asked.on('close', () => reject(new ApiError('the API server ended the connection without an answer')))
    asked.on('response', resolve)
    asked.end(text)
  })
}

/** The length too: without it node sends the body of a DELETE, and no server reads it. */
function bodyHeaders(method: Method, text: string): Readonly<Record<string, string>> {
  return {
    'Content-Type': method === 'PATCH' ? PATCH_TYPE : 'application/json',
    'Content-Length': `${Buffer.byteLength(text)}`,
  }
}

/** A CA or key that is damaged is an error before anything is asked. */
function requestOf(url: URL, options: RequestOptions): ClientRequest {
  try {
    return request(url, options)
  } catch (error) {
    throw new ApiError(`the credentials for the API server can't be used (${systemCode(error)})`)
  }
}

async function textOf(response: IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of chunksOf(response)) {
    size += part.length
    if (size > most) throw new ApiError('the API server sent an answer that is too long', { isTooLong: true })
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

/** The pieces of an answer. Leaving the loop ends the connection. @throws ApiError where it is cut off */
export async function* chunksOf(response: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of response) yield chunk
  } catch {
    throw new ApiError('the API server stopped in the middle of an answer')
  } finally {
    response.destroy()
  }
}
