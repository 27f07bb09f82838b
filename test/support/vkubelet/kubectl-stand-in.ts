import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { commandQuery } from '../../../src/vkubelet/remote-command/command-query.ts'
import { CommandSession } from '../../../src/vkubelet/remote-command/command-session.ts'
import { ForwardSession } from '../../../src/vkubelet/remote-command/forward-session.ts'
import { protocolOf } from '../../../src/vkubelet/remote-command/protocol.ts'
import { SpdyConnection } from '../../../src/vkubelet/server/spdy-connection.ts'

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'x' }] },
  status: { phase: 'Running' },
}

/** What kubectl asks before it does anything. */
const answers: Readonly<Record<string, object>> = {
  '/version': { major: '1', minor: '34', gitVersion: 'v1.34.4' },
  '/api': { kind: 'APIVersions', versions: ['v1'] },
  '/apis': { kind: 'APIGroupList', apiVersion: 'v1', groups: [] },
  '/api/v1': {
    kind: 'APIResourceList',
    groupVersion: 'v1',
    resources: [
      { name: 'pods', singularName: 'pod', shortNames: ['po'], namespaced: true, kind: 'Pod', verbs: ['get'] },
    ],
  },
  '/api/v1/namespaces/default/pods/web': pod,
}

/**
 * A stand-in for an API server and its kubelet in one, for the real kubectl: it has one Pod, whose commands are programs
 * of this machine. An API server passes kubectl's SPDY on to the kubelet as it is, so the codec meets the same bytes.
 */
export class KubectlStandIn {
  readonly asked: string[] = []
  /** How many commands were told that their client is gone. */
  gone = 0
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()

  constructor() {
    this.#server = createServer((request, response) => {
      this.asked.push(`${request.method} ${request.url}`)
      const answer = request.method === 'GET' ? answers[(request.url ?? '').replace(/\?.*/, '')] : undefined
      response.writeHead(answer === undefined ? 404 : 200, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(answer ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }))
    })
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '', 'http://x')
    this.asked.push(`${request.method} ${url.pathname} ${request.headers.upgrade}`)
    this.#sockets.add(socket)
    const offered = request.headersDistinct['x-stream-protocol-version'] ?? []
    const kind = url.pathname.endsWith('/portforward') ? 'forward' : 'command'
    const protocol = protocolOf('spdy', kind, offered)
    if (request.headers.upgrade !== 'SPDY/3.1' || protocol === undefined) {
      socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
      return
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
    )
    if (kind === 'forward') this.#forward(socket, head)
    else this.#command(url.searchParams, socket, head)
  }

  /** The query as an API server asks a kubelet (pkg/registry/core/pod, streamParams). */
  #command(asked: URLSearchParams, socket: Duplex, head: Buffer): void {
    const params = new URLSearchParams()
    for (const word of asked.getAll('command')) params.append('command', word)
    for (const [name, kubelets] of [
      ['stdin', 'input'],
      ['stdout', 'output'],
      ['stderr', 'error'],
      ['tty', 'tty'],
    ] as const)
      if (asked.get(name) === 'true') params.set(kubelets, '1')
    const query = commandQuery(params)
    if ('fault' in query) throw new Error(query.fault)
    let child: ReturnType<typeof spawn> | undefined
    const connection: SpdyConnection = new SpdyConnection(socket, head, {
      take: (event) => {
        for (const one of session.take(event)) {
          if (one.kind === 'start') child = this.#run(query.command, connection, session)
          if (one.kind === 'stdin' && child?.stdin?.write(one.bytes) === false) {
            child.stdin.once('drain', connection.hold())
          }
          if (one.kind === 'stdin-ended') child?.stdin?.end()
          if (one.kind === 'gone') this.#gone(child)
        }
      },
      closed: () => {
        for (const { kind } of session.close()) if (kind === 'gone') this.#gone(child)
      },
    })
    const session = new CommandSession(connection.streams, query)
  }

  #gone(child: ReturnType<typeof spawn> | undefined): void {
    this.gone += 1
    child?.kill('SIGKILL')
  }

  #run(command: readonly string[], connection: SpdyConnection, session: CommandSession): ReturnType<typeof spawn> {
    const [program = '', ...args] = command
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
    child.stdin.on('error', () => undefined)
    const pump = async (type: 'stdout' | 'stderr') => {
      for await (const chunk of child[type]) {
        session.write(type, chunk)
        await connection.drained()
      }
    }
    const pumped = Promise.all([pump('stdout'), pump('stderr')])
    child.once('error', (error) => session.end({ kind: 'failed', message: error.message }))
    child.once('close', async (code) => {
      await pumped.catch(() => undefined)
      session.end({ kind: 'exited', code: code ?? 137 })
    })
    return child
  }

  #forward(socket: Duplex, head: Buffer): void {
    const behind = new Map<number, Socket>()
    const connection: SpdyConnection = new SpdyConnection(socket, head, {
      take: (event) => {
        for (const one of session.take(event)) {
          if (one.kind === 'connect') {
            const local = connect(one.port, '127.0.0.1')
            behind.set(one.connection, local)
            local.on('data', (bytes) => session.write(one.connection, bytes))
            local.once('end', () => session.end(one.connection))
            local.once('error', () => session.end(one.connection, `nobody listens on port ${one.port}`))
          }
          if (one.kind === 'data') behind.get(one.connection)?.write(one.bytes)
          if (one.kind === 'ended') behind.get(one.connection)?.end()
          if (one.kind === 'closed') behind.get(one.connection)?.destroy()
        }
      },
      closed: () => {
        for (const one of session.close()) if (one.kind === 'closed') behind.get(one.connection)?.destroy()
      },
    })
    const session = new ForwardSession(connection.streams)
  }
}
