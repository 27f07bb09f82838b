import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { endless } from './endless.ts'
import type { TestCa } from './test-ca.ts'

const CSRS = '/apis/certificates.k8s.io/v1/certificatesigningrequests'
const LEASES = '/apis/coordination.k8s.io/v1/namespaces/keel-system/leases'
const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events'

export type ApiMood = 'well' | '500' | 'garbage' | 'silent' | 'endless' | 'redirect' | 'gone' | 'conflict'

interface Answers {
  readonly send: (status: number, body: object) => void
  readonly refuse: (status: number, message: string) => void
}

interface Stored {
  readonly metadata: { readonly name: string; readonly resourceVersion: string } & Readonly<Record<string, unknown>>
  readonly spec?: Readonly<Record<string, unknown>>
  readonly status?: { readonly conditions?: readonly { type: string; reason: string; message: string }[] }
}

/**
 * A stand-in for the API server, for what a real one can't be made to do. It has the paths that the approver may use, and
 * answers 403 for all others. On a real API server the approver is tried in the lab.
 */
export class ApproverApi {
  mood: ApiMood = 'well'
  token = 'sesame'
  /** Where a redirection leads. */
  elsewhere = ''
  readonly asked: string[] = []
  /** Requests that it never lets be decided. */
  readonly undecidable = new Set<string>()
  readonly requests = new Map<string, Stored>()
  readonly events: Readonly<Record<string, unknown>>[] = []
  lease: Stored | undefined
  /** How many it has had. */
  connections = 0
  readonly #server: Server
  readonly #watches = new Set<ServerResponse>()
  #version = 1

  constructor(ca: TestCa) {
    const { cert, key } = ca.sign({ subject: '/CN=api', usage: 'serverAuth' })
    this.#server = createServer({ cert, key }, (request, response) => void this.#answer(request, response))
    this.#server.on('secureConnection', () => this.connections++)
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

  /** Somebody creates a request. */
  create(name: string, spec: object, created = Date.now()): void {
    const metadata = { name, uid: `uid-${name}`, creationTimestamp: new Date(created).toISOString() }
    this.#store({ metadata: { ...metadata, resourceVersion: '' }, spec: { ...spec }, status: {} })
  }

  /** `Approved` or `Denied` and the reason; undefined while nobody has decided. */
  verdict(name: string): string | undefined {
    const [condition] = this.requests.get(name)?.status?.conditions ?? []
    return condition === undefined ? undefined : `${condition.type} ${condition.reason}`
  }

  /** Ends all watches, as a server that is restarted. */
  cutWatches(): void {
    for (const watch of this.#watches) watch.destroy()
  }

  #store(object: Stored): Stored {
    const type = this.requests.has(object.metadata.name) ? 'MODIFIED' : 'ADDED'
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: `${++this.#version}` } }
    this.requests.set(stored.metadata.name, stored)
    for (const watch of this.#watches) watch.write(`${JSON.stringify({ type, object: stored })}\n`)
    return stored
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const send = (status: number, body: object) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
    }
    const refuse = (status: number, message: string) => send(status, { kind: 'Status', code: status, message })
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const [path = '', query = ''] = url.split('?')
    this.asked.push(`${method} ${path}`)
    if (headers.authorization !== `Bearer ${this.token}`) return refuse(401, 'Unauthorized')
    if (this.mood === '500') return refuse(500, 'etcdserver: request timed out')
    if (this.mood === 'garbage') return void response.end('<html>\u001b[31mnot an API server</html>')
    if (this.mood === 'silent') return
    if (this.mood === 'redirect') return void response.writeHead(307, { Location: `${this.elsewhere}${url}` }).end()
    if (this.mood === 'endless') return void endless().pipe(response)
    const body = chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
    if (path.startsWith(LEASES)) return this.#answerLease(method, body, { send, refuse })
    if (method === 'POST' && path === EVENTS) {
      // a name may end with a dash, which the API continues
      if (!/^[a-z0-9]+(?:[.-][a-z0-9]+)*-?$/.test(body.metadata.generateName))
        return refuse(422, 'metadata.generateName')
      this.events.push(body)
      return send(201, body)
    }
    if (method === 'GET' && path === CSRS) {
      const asked = new URLSearchParams(query)
      if (asked.has('watch')) return this.#watch(asked.get('resourceVersion') ?? '', response)
      const [limit, from] = [Number(asked.get('limit')), Number(asked.get('continue') ?? 0)]
      const all = [...this.requests.values()]
      const next = from + limit < all.length ? { continue: `${from + limit}` } : {}
      const isMetadataOnly = headers.accept === 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1'
      const items = all.slice(from, from + limit)
      return send(200, {
        metadata: { resourceVersion: `${this.#version}`, ...next },
        items: isMetadataOnly ? items.map(({ metadata }) => ({ metadata })) : items,
      })
    }
    const [, name = '', approval] = /^\/([^/]+)(\/approval)?$/.exec(path.slice(CSRS.length)) ?? []
    const stored = this.requests.get(decodeURIComponent(name))
    if (!path.startsWith(CSRS) || stored === undefined) return refuse(path.startsWith(CSRS) ? 404 : 403, 'forbidden')
    if (method === 'GET' && approval === undefined) return send(200, stored)
    if (method !== 'PUT' || approval === undefined) return refuse(403, 'forbidden')
    if (this.undecidable.has(stored.metadata.name)) return refuse(500, 'etcdserver: request is too large')
    if (this.mood === 'conflict' || body.metadata.resourceVersion !== stored.metadata.resourceVersion) {
      this.mood = 'well'
      return refuse(409, 'the object has been modified')
    }
    send(200, this.#store({ ...stored, status: body.status }))
  }

  #watch(version: string, response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    if (this.mood === 'gone') {
      this.mood = 'well'
      response.end(`${JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code: 410 } })}\n`)
      return
    }
    for (const object of this.requests.values())
      if (Number(object.metadata.resourceVersion) > Number(version))
        response.write(`${JSON.stringify({ type: 'ADDED', object })}\n`)
    response.flushHeaders()
    this.#watches.add(response)
    response.once('close', () => this.#watches.delete(response))
  }

  #answerLease(method: string, body: Stored, { send, refuse }: Answers): void {
    if (method === 'GET' && this.lease === undefined) refuse(404, 'not found')
    else if (method === 'GET') send(200, this.lease ?? {})
    else if ((method === 'PUT' ? body.metadata.resourceVersion : undefined) !== this.lease?.metadata.resourceVersion)
      refuse(409, 'the object has been modified, or exists')
    else {
      this.lease = { ...body, metadata: { ...body.metadata, resourceVersion: `${++this.#version}` } }
      send(200, this.lease)
    }
  }
}
