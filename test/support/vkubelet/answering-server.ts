import { once } from 'node:events'
import { request } from 'node:https'
import { connect, type TLSSocket } from 'node:tls'
import { logTo } from '../../../src/agent/log.ts'
import { gate } from '../../../src/vkubelet/server/gate.ts'
import { type KubeletAnswers, text } from '../../../src/vkubelet/server/kubelet-answers.ts'
import { type Serving, serveKubelet } from '../../../src/vkubelet/server/serve-kubelet.ts'
import { acceptUpgrade } from '../../../src/vkubelet/server/upgraded.ts'
import { ClusterCa } from './cluster-ca.ts'
import { ReviewsApi } from './reviews-api.ts'

/** Certificates take a while to make, and a server does not change them. */
export const clientCa = new ClusterCa()
export const servingCa = new ClusterCa()
export const serving = servingCa.issue({ subject: [['CN', 'ocean']], purpose: 'server' })
export const apiServer = clientCa.apiServer()
export const node = clientCa.node('maia')

/** What `serveAnswers` serves, the API server that it asks, its log, and which requests got as far as an answer. */
export let server: Serving
export let api: ReviewsApi
export const lines: string[] = []
export const reached: string[] = []

const answers: KubeletAnswers = {
  async plain({ kind }) {
    reached.push(kind)
    return text(200, kind)
  },
  async logs(_request, response, signal) {
    reached.push('logs')
    response.writeHead(200).flushHeaders()
    await once(signal, 'abort')
    reached.push('logs ended')
  },
  async stream({ kind, ...asked }, upgraded) {
    reached.push(kind)
    if ('query' in asked && asked.query.has('command', 'hunter2')) throw new Error('cannot be done')
    acceptUpgrade(upgraded, 'v4.channel.k8s.io')
    upgraded.socket.on('data', (bytes) => upgraded.socket.write(bytes))
    upgraded.socket.resume()
  },
}

/** For a beforeEach. @returns what closes the server, and the API server that it asks */
export async function serveAnswers(): Promise<() => Promise<void>> {
  lines.length = 0
  reached.length = 0
  api = new ReviewsApi()
  const read = await api.listen()
  server = await serveKubelet({
    identity: { serving: { credential: serving }, clientCa: clientCa.certificate },
    port: 0,
    mayAsk: gate({ read, node: 'ocean' }),
    answers,
    log: logTo({ write: (line) => lines.push(line) }, 'debug'),
  })
  return async () => {
    await server.close()
    await api.close()
  }
}

/** Who asks, and how. */
export interface Asking {
  readonly as?: { readonly chain: string; readonly key: string }
  readonly token?: string
  readonly method?: string
}

export const tls = ({ as }: Asking) => ({
  host: '127.0.0.1',
  port: server.port,
  ca: servingCa.certificate,
  ...(as === undefined ? {} : { cert: as.chain, key: as.key }),
})

export async function ask(path: string, asking: Asking = {}): Promise<{ status: number; body: string }> {
  const { token, method = 'GET' } = asking
  const asked = request({
    ...tls(asking),
    path,
    method,
    agent: false,
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  }).end()
  const [response] = await once(asked, 'response')
  const parts: Buffer[] = []
  for await (const part of response) parts.push(part)
  return { status: response.statusCode, body: Buffer.concat(parts).toString() }
}

export async function open(asking: Asking): Promise<TLSSocket> {
  const socket = connect(tls(asking))
  socket.on('error', () => undefined)
  await once(socket, 'secureConnect')
  return socket
}

/** @returns all that comes until the server closes the connection */
export async function raw(asking: Asking, bytes: Buffer | string): Promise<string> {
  const socket = await open(asking)
  socket.write(bytes)
  const parts: Buffer[] = []
  socket.on('data', (part) => parts.push(part))
  await once(socket, 'close')
  return Buffer.concat(parts).toString('latin1')
}

export const upgradeOf = (path: string, protocol = 'SPDY/3.1', method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\nX-Stream-Protocol-Version: v5.channel.k8s.io\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n`
