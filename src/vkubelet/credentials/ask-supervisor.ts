import { request } from 'node:https'
import { ApiError } from '../../agent/kubernetes/api.ts'
import { systemCode } from '../../errors.ts'
import type { Own } from './issuer.ts'

/** Milliseconds: k3s answers in a second. */
const LONGEST = 15_000
/** Bytes. */
const MOST = 65_536

interface Question {
  readonly server: URL
  /** Absent: nobody verifies the server, so nothing secret may be in the question, and the answer is to be checked. */
  readonly ca: string | undefined
  readonly path: string
  /** Absent: GET. */
  readonly body?: Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly auth?: { readonly user: string; readonly password: string } | { readonly own: Own }
}

/** Asks the supervisor of k3s, which is on the port of the API server. @throws ApiError */
export function askSupervisor({ server, ca, path, body, headers, auth }: Question): Promise<string> {
  if (ca === undefined && (auth !== undefined || headers !== undefined))
    throw new Error('a secret for a server that nobody verifies was not refused')
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) =>
      reject(error instanceof ApiError ? error : new ApiError(`the k3s server does not answer (${systemCode(error)})`))
    const own = auth !== undefined && 'own' in auth ? { cert: auth.own.chain, key: auth.own.key } : {}
    const asked = request(new URL(path, server), {
      method: body === undefined ? 'GET' : 'POST',
      ...(ca === undefined ? { rejectUnauthorized: false } : { ca }),
      ...own,
      agent: false,
      signal: AbortSignal.timeout(LONGEST),
      headers: {
        ...headers,
        ...(auth !== undefined && 'user' in auth ? { Authorization: basic(auth.user, auth.password) } : {}),
        ...(body === undefined ? {} : { 'Content-Length': body.length }),
      },
    })
    asked.on('error', fail)
    asked.on('upgrade', (_response, socket) => socket.destroy())
    asked.on('close', () => fail(new ApiError('the k3s server ended the connection without an answer')))
    asked.on('response', async (response) => {
      try {
        const parts: Buffer[] = []
        let size = 0
        for await (const part of response) {
          size += part.length
          if (size > MOST) throw new ApiError('the k3s server sent an answer that is too long', { isTooLong: true })
          parts.push(part)
        }
        const { statusCode = 0 } = response
        if (statusCode !== 200)
          // not its words: it may repeat what it was sent
          throw new ApiError(`the k3s server answered ${statusCode} to ${path}`, { status: statusCode })
        resolve(Buffer.concat(parts).toString('latin1'))
      } catch (error) {
        fail(error)
      } finally {
        response.destroy()
      }
    })
    asked.end(body)
  })
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
}
