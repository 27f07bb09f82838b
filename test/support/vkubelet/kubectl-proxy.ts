import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect } from 'node:tls'
import { podObject } from './sample-pod.ts'

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
  '/api/v1/namespaces/default/pods/uptimed': podObject({ status: { phase: 'Running' } }),
}

interface Kubelet {
  readonly port: number
  /** The CA of its certificate (PEM). */
  readonly ca: string
  /** What the API server shows to it. */
  readonly client: { readonly chain: string; readonly key: string }
}

/**
 * A stand-in for an API server, for the real kubectl and a kubelet's server: it asks the kubelet as an API server does
 * (pkg/registry/core/pod/rest), with its own certificate, and passes on every byte of what is upgraded.
 */
export class KubectlProxy {
  /** What its clients have changed to. */
  readonly upgrades: string[] = []
  readonly #kubelet: Kubelet
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()

  constructor(kubelet: Kubelet) {
    this.#kubelet = kubelet
    this.#server = createServer((request, response) => {
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
    const { port, ca, client } = this.#kubelet
    const behind = connect({ host: '127.0.0.1', port, ca, cert: client.chain, key: client.key })
    const both = [socket, behind]
    for (const [index, one] of both.entries()) {
      this.#sockets.add(one)
      one.on('error', () => one.destroy())
      one.once('close', () => both[1 - index]?.end())
    }
    this.upgrades.push(request.headers.upgrade ?? '')
    const lines = Object.entries(request.headersDistinct)
      .filter(([name]) => /^(x-stream-protocol-version|sec-websocket-.*)$/.test(name))
      .flatMap(([name, values = []]) => values.map((value) => `${name}: ${value}\r\n`))
    behind.write(
      `${request.method} ${pathOf(request.url ?? '')} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\n${lines.join('')}\r\n`,
    )
    behind.write(head)
    socket.pipe(behind)
    behind.pipe(socket)
  }
}

/** The path and query that an API server asks a kubelet by. */
function pathOf(url: string): string {
  const { pathname, searchParams: asked } = new URL(url, 'http://x')
  if (pathname.endsWith('/portforward')) return '/portForward/default/uptimed'
  const query = new URLSearchParams()
  for (const word of asked.getAll('command')) query.append('command', word)
  const names = { stdin: 'input', stdout: 'output', stderr: 'error', tty: 'tty' }
  for (const [name, kubelets] of Object.entries(names)) if (asked.get(name) === 'true') query.set(kubelets, '1')
  return `/${pathname.endsWith('/attach') ? 'attach' : 'exec'}/default/uptimed/uptimed?${query}`
}
