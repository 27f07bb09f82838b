import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { ApiError } from '../../agent/kubernetes/api.ts'
import type { Log } from '../../agent/log.ts'
import { boundedServer, listen } from '../../agent/server/bounded-server.ts'
import type { TlsIdentity } from '../../agent/server/tls-options.ts'
import { accessOf } from '../requests/access.ts'
import { type KubeletRequest, kubeletRequest, type StreamRequest } from '../requests/kubelet-request.ts'
import type { User } from '../requests/user.ts'
import { callersOf } from './callers.ts'
import type { gate } from './gate.ts'
import { type KubeletAnswers, type PlainAnswer, Refused, text } from './kubelet-answers.ts'
import { limits } from './limits.ts'
import { carrierOf, refuseUpgrade, type Upgraded } from './upgraded.ts'

export interface Serving {
  readonly port: number
  /** Serves new connections with what the identity is now. */
  renew(identity: TlsIdentity): void
  close(): Promise<void>
}

interface Wanted {
  readonly identity: TlsIdentity
  /** 0: any. */
  readonly port: number
  readonly mayAsk: ReturnType<typeof gate>
  readonly answers: KubeletAnswers
  readonly log: Log
}

/**
 * The API of a kubelet: HTTPS with TLS 1.3. A connection without a certificate gets in, because a program in the cluster
 * shows a token instead; nobody gets more than 401 before the API server has said who may ask.
 * @throws KeelError `vkubelet-listen` where the port can't be had
 */
export async function serveKubelet({ identity, port, mayAsk, answers, log }: Wanted): Promise<Serving> {
  const bounded = boundedServer({ identity, limits, letsStrangersIn: true, log })
  const { server } = bounded
  const callerOf = callersOf(server, limits.strangers)
  const stopping = new AbortController()
  const upgraded = new Set<Duplex>()
  const busy = new WeakSet<Socket>()
  let streams = 0

  /** @throws Refused */
  const admitted = async ({ socket, headers, method = '', url = '' }: IncomingMessage) => {
    const user = callerOf(socket)
    const access = accessOf(method, url)
    const shown = { authorization: headers.authorization, ...(user === undefined ? {} : { user }) }
    const verdict = await mayAsk(shown, access).catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error
      log.warn(`nobody is let in: ${error.message}`)
      throw new Refused(503, 'the API server does not say who may do this')
    })
    if (verdict.kind === 'unknown') throw new Refused(401, 'Unauthorized')
    if (verdict.kind === 'forbidden') throw new Refused(403, forbidden(verdict.user, access))
    const request = kubeletRequest(method, url)
    if ('status' in request) throw new Refused(request.status, 'this Node does not answer that')
    return request
  }
  const counted = async (run: () => Promise<void>) => {
    if (streams >= limits.streams) throw new Refused(429, 'the Node has as many streams as it can have')
    streams += 1
    try {
      await run()
    } finally {
      streams -= 1
    }
  }

  const respond = async (request: IncomingMessage, response: ServerResponse) => {
    const asked = await admitted(request)
    if (isStream(asked)) throw new Refused(400, 'Upgrade request required')
    if (asked.kind !== 'logs') return send(response, await answers.plain(asked))
    // the client may have gone while the API server was asked
    if (response.destroyed) return
    const gone = new AbortController()
    response.once('close', () => gone.abort())
    // a log may be silent for long; the kernel asks whether the client is still there
    request.socket.setTimeout(0)
    request.socket.setKeepAlive(true, limits.idleTime)
    await counted(() => answers.logs(asked, response, AbortSignal.any([gone.signal, stopping.signal])))
  }
  const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const asked = await admitted(request)
    if (!isStream(asked)) throw new Refused(400, 'this path has no other protocol')
    const carrier = carrierOf(request.headers.upgrade ?? '')
    if (carrier === undefined) throw new Refused(400, 'this Node upgrades to SPDY/3.1 and to WebSockets alone')
    if (socket.destroyed) return
    const one: Upgraded = { request, socket, head, carrier }
    await counted(async () => {
      const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
      await answers.stream(asked, one)
      await closed
    })
  }

  server.on('request', (request, response) => {
    const { socket } = request
    // requests that do not wait for the answer before (HTTP/1.1 pipelining) would be as many as fit into memory
    if (busy.has(socket)) {
      socket.destroy()
      return
    }
    busy.add(socket)
    response.once('close', () => busy.delete(socket))
    respond(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy()
      else send(response, wordsOf(error, request, log))
    })
  })
  server.on('upgrade', (request, socket, head) => {
    upgraded.add(socket)
    socket.on('error', () => socket.destroy())
    socket.once('close', () => upgraded.delete(socket))
    request.socket.setTimeout(0)
    request.socket.setKeepAlive(true, limits.idleTime)
    upgrade(request, socket, head).catch((error: unknown) => {
      const { status, body } = wordsOf(error, request, log)
      refuseUpgrade({ socket }, status, body.trim())
    })
  })
  await listen(server, port, (reason) => ({
    code: 'vkubelet-listen',
    at: `port ${port}`,
    found: `keel-vkubelet can’t listen (${reason})`,
    why: 'a kubelet, or another program, may use the port',
    todo: `find it with ss -ltnp 'sport = :${port}', and stop it`,
  }))
  const { port: own } = server.address() as AddressInfo
  log.info(`listens on port ${own}`)
  const closeUpgraded = () => {
    for (const socket of upgraded) socket.destroy()
  }
  return {
    port: own,
    renew(now) {
      if (bounded.renew(now)) closeUpgraded()
    },
    async close() {
      const closed = once(server, 'close')
      server.close()
      stopping.abort()
      closeUpgraded()
      bounded.closeConnections()
      await closed
    },
  }
}

function isStream(request: KubeletRequest): request is StreamRequest {
  return request.kind === 'exec' || request.kind === 'attach' || request.kind === 'forward'
}

/** In kubelet's own words, which name what an administrator has to grant. */
function forbidden({ name }: User, { verb, subresource }: ReturnType<typeof accessOf>): string {
  return `Forbidden (user=${JSON.stringify(name)}, verb=${verb}, resource=nodes, subresource=${subresource})`
}

function wordsOf(error: unknown, { method, url = '' }: IncomingMessage, log: Log): PlainAnswer {
  if (error instanceof Refused) return text(error.status, error.message)
  // without the query: the command of an exec may have a password in it
  const [path = ''] = url.split('?', 1)
  log.error(`${method} ${path.slice(0, 200)}: ${error instanceof Error ? error.message : 'failed'}`)
  return text(500, 'the Node could not do it; the journal of keel-vkubelet says more')
}

function send(response: ServerResponse, { status, type, body }: PlainAnswer): void {
  // a body that nobody reads is not waited for
  if (status >= 400) response.setHeader('Connection', 'close')
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  })
  response.end(body)
}
