import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { KeptIdentity } from '../identity/kept-identity.ts'
import type { Log } from '../log.ts'
import { boundedServer, listen } from './bounded-server.ts'
import { connectedClients } from './connected-clients.ts'
import { countedStreams } from './counted-streams.ts'
import { limits } from './limits.ts'
import { RequestLog } from './request-log.ts'
import { respond } from './respond.ts'
import type { Route } from './route.ts'
import type { TlsIdentity } from './tls-options.ts'

interface Serving {
  /** Serves new connections with what the identity is now. */
  renew(identity: TlsIdentity): void
  close(): Promise<void>
}

interface Wanted {
  readonly identity: KeptIdentity
  readonly routes: readonly Route[]
  readonly port: number
  readonly log: Log
}

/**
 * Answers clients that show a certificate of the CA of the clients: HTTPS with TLS 1.3 and nothing else.
 * @throws KeelError `agent-listen` where the port can't be had
 */
export async function serve({ identity, routes, port, log }: Wanted): Promise<Serving> {
  const { server, renew, closeConnections } = boundedServer({
    identity: identity.current(),
    limits,
    letsStrangersIn: false,
    log,
  })
  const clientOf = connectedClients(server, limits.ofOneClient)
  const busy = new WeakSet<Socket>()
  const open = new Set<ServerResponse>()
  const openStream = countedStreams(limits.streamsOfOneClient, limits.streams)
  const stopping = new AbortController()
  const serving = { routes, log, requestLog: new RequestLog(log), openStream, stopping: stopping.signal }
  server.on('request', (request, response) => {
    const { socket } = request
    const client = clientOf(socket)
    // requests that do not wait for the answer before (HTTP/1.1 pipelining) would be as many as fit into memory
    if (client === undefined || busy.has(socket)) {
      socket.destroy()
      return
    }
    busy.add(socket)
    open.add(response)
    response.once('close', () => {
      busy.delete(socket)
      open.delete(response)
    })
    respond(client, serving, request, response).catch((error: unknown) => {
      log.error(`${request.url}: ${error instanceof Error ? error.message : 'failed'}`)
      response.destroy()
    })
  })
  await listen(server, port, (reason) => ({
    code: 'agent-listen',
    at: `port ${port}`,
    found: `the agent can’t listen (${reason})`,
    why: 'another program may use the port',
    todo: 'stop it, or choose another port: keelAgent.port in hosts/cluster',
  }))
  log.info(`listens on port ${port}`)
  return {
    renew,
    async close() {
      const closed = once(server, 'close')
      server.close()
      stopping.abort()
      // a client that does not read is not waited for longer
      await Promise.race([allClosed(open), sleep(limits.lastLine, undefined, { ref: false })])
      closeConnections()
      await closed
    },
  }
}

/** The answers that are under way, and the last lines of streams, have left. */
async function allClosed(open: ReadonlySet<ServerResponse>): Promise<void> {
  await Promise.all([...open].map((response) => new Promise<void>((resolve) => response.once('close', resolve))))
}
