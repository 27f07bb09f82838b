import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { endless } from './endless.ts'
import type { TestCa } from './test-ca.ts'

const PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests'

export type Mood =
  | 'signs'
  | 'waits for approval'
  | 'denies'
  | '500'
  | 'garbage'
  | 'silent'
  | 'endless'
  | 'upgrade'
  | 'another key'

interface Asked {
  readonly name: string
  /** PEM. */
  readonly request: string
  readonly spec: Readonly<Record<string, unknown>>
  isApproved: boolean
}

/**
 * A stand-in for the API server, for what a real one can't be made to do: to answer nonsense, or nothing. It takes the
 * one kind of object, from the node whose certificate it knows or with the token, and nothing that a real one refuses
 * of these. On a real API server the requests are tried in the lab.
 */
export class CsrApi {
  mood: Mood = 'signs'
  /** Seconds. */
  lifetime = 3600
  token = 'none'
  /** So many looks at a request fail. */
  failingLooks = 0
  readonly asked: Asked[] = []
  readonly #ca: TestCa
  readonly #server: Server

  constructor(ca: TestCa) {
    this.#ca = ca
    const { cert, key } = ca.sign({ subject: '/CN=api', usage: 'serverAuth' })
    const options = { cert, key, ca: ca.pem.cert, requestCert: true, rejectUnauthorized: false }
    this.#server = createServer(options, (request, response) => void this.#answer(request, response))
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const address = this.#server.address() as AddressInfo
    return `https://127.0.0.1:${address.port}`
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    }
    const refuse = (status: number, message: string) => send(status, { kind: 'Status', code: status, message })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    if (!this.#knows(request)) return refuse(401, 'Unauthorized')
    if (this.mood === '500') return refuse(500, 'etcdserver: request timed out')
    if (this.mood === 'garbage') return void response.end('<html>\u001b[31mnot an API server</html>')
    if (this.mood === 'silent') return
    if (this.mood === 'upgrade') {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n')
      return
    }
    if (this.mood === 'endless') return void endless().pipe(response)
    if (request.method === 'POST' && request.url === PATH) {
      if (request.headers['content-type'] !== 'application/json') return refuse(415, 'the body is not JSON')
      const { apiVersion, kind, metadata, spec } = JSON.parse(Buffer.concat(chunks).toString())
      if (apiVersion !== 'certificates.k8s.io/v1' || kind !== 'CertificateSigningRequest')
        return refuse(400, 'another kind of object')
      if (!(spec.expirationSeconds >= 600)) return refuse(422, 'spec.expirationSeconds: may not specify less than 600')
      const name = `${metadata.generateName}${Math.random().toString(36).slice(2, 7)}`
      this.asked.push({ name, request: Buffer.from(spec.request, 'base64').toString(), spec, isApproved: false })
      return send(201, { metadata: { name }, spec, status: {} })
    }
    if (request.method === 'GET' && this.failingLooks > 0) {
      this.failingLooks -= 1
      return refuse(500, 'etcdserver: request timed out')
    }
    const own = this.asked.find(({ name }) => request.url === `${PATH}/${name}/approval`)
    if (request.method === 'PUT' && own !== undefined) {
      const { metadata, spec, status } = JSON.parse(Buffer.concat(chunks).toString())
      if (metadata.name !== own.name || spec.request === undefined) return refuse(422, 'not the whole object')
      own.isApproved = status.conditions[0].type === 'Approved'
      return send(200, {})
    }
    const asked = this.asked.find(({ name }) => request.url === `${PATH}/${name}`)
    if (request.method !== 'GET' || asked === undefined) return refuse(404, 'not found')
    send(200, {
      metadata: { name: asked.name },
      spec: asked.spec,
      status: this.mood === 'waits for approval' && !asked.isApproved ? {} : this.#status(asked),
    })
  }

  #knows(request: IncomingMessage): boolean {
    const { socket, headers } = request
    if (headers.authorization === `Bearer ${this.token}`) return true
    return socket instanceof TLSSocket && socket.authorized && socket.getPeerCertificate().subject.O === 'system:nodes'
  }

  #status({ request, spec }: Asked): object {
    if (this.mood === 'denies')
      return { conditions: [{ type: 'Denied', status: 'True', message: 'not a node of ours' }] }
    const certificate =
      this.mood === 'another key'
        ? this.#ca.sign({ subject: '/O=system:nodes/CN=system:node:maia', usage: 'serverAuth' }).cert
        : this.#ca.signRequest(request, this.lifetime, isOfClient(spec.usages) ? 'clientAuth' : 'serverAuth')
    return {
      conditions: [{ type: 'Approved', status: 'True' }],
      certificate: Buffer.from(certificate).toString('base64'),
    }
  }
}

function isOfClient(usages: unknown): boolean {
  return Array.isArray(usages) && usages.includes('client auth')
}
