import { request } from 'node:https'
import * as z from 'zod'
import { systemCode } from '../../errors.ts'
import { jsonText } from '../../model/text/json-text.ts'
import type { Credentials } from './credentials.ts'

/** Milliseconds for one question, with its answer. */
const LONGEST = 10_000
/** Bytes of an answer. A certificate request with its certificate has some kilobytes. */
const MOST = 1_048_576

/** What went wrong with a question to the API, in words for the log: never what the server has sent as a whole. */
export class ApiError extends Error {}

const status = z.looseObject({ message: z.string() })

/**
 * Asks the API server something.
 * @returns what its JSON says
 * @throws ApiError where it does not answer in time, or with something else
 */
export async function askApi(
  { server, ca, cert, key, token }: Credentials,
  method: 'GET' | 'POST',
  path: string,
  body?: object,
): Promise<unknown> {
  const { statusCode, text } = await new Promise<{ statusCode: number; text: string }>((resolve, reject) => {
    const asked = request(new URL(path, server), {
      method,
      ca,
      cert,
      key,
      agent: false,
      signal: AbortSignal.timeout(LONGEST),
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
    })
    asked.on('error', (error) => reject(new ApiError(`the API server does not answer (${systemCode(error)})`)))
    // an answer that switches to another protocol, and whatever else ends the connection without an answer
    asked.on('upgrade', (_response, socket) => socket.destroy())
    asked.on('close', () => reject(new ApiError('the API server ended the connection without an answer')))
    asked.on('response', (response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        size += part.length
        if (size <= MOST) parts.push(part)
        else asked.destroy(new Error('too much'))
      })
      response.on('error', () => reject(new ApiError('the API server stopped in the middle of an answer')))
      response.on('end', () => resolve({ statusCode: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }))
    })
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
  const answer = jsonText.safeParse(text).data
  if (statusCode >= 200 && statusCode < 300 && answer !== undefined) return answer
  const told = status.safeParse(answer).data?.message.slice(0, 300)
  throw new ApiError(`the API server answered ${statusCode}${told === undefined ? '' : `: ${told}`}`)
}
