import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Credentials } from '../../../src/agent/kubernetes/credentials.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'
import { mergedStatus } from './merged-status.ts'

interface PodObject {
  readonly metadata: { readonly name: string; readonly uid: string; deletionTimestamp?: string }
  status: Record<string, unknown>
}

const DAY = 86_400_000
/** Milliseconds of an answer to a PATCH, as that of an API server that has something to do. */
const TAKES = 100

/**
 * A stand-in for an API server with the Pods of one Node: their list and watch, their status, their deletion. It counts what
 * it is asked, and how much at a time. The lab asks a real one.
 */
export class PodsApi {
  readonly pods = new Map<string, PodObject>()
  readonly events: { readonly reason?: string; readonly message?: string; readonly name?: string }[] = []
  patches = 0
  /** Answers with a list, or a part of one. */
  lists = 0
  mostAtOnce = 0
  #open = 0
  #watch: ServerResponse | undefined
  readonly #ca = makeAgentCa(Date.now())
  readonly #server: Server

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const cert = issueCertificate(this.#ca, {
      publicKey,
      subject: [['CN', 'api']],
      purpose: 'server',
      names: ['127.0.0.1'],
      from: Date.now() - DAY,
      to: Date.now() + DAY,
    })
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' })
    this.#server = createServer({ cert, key }, async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const text = Buffer.concat(chunks).toString()
      await this.#answer(`${request.method} ${request.url}`, text === '' ? {} : JSON.parse(text), response)
    })
  }

  async listen(): Promise<Credentials> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    return { server: new URL(`https://127.0.0.1:${port}`), ca: Buffer.from(this.#ca.certificate) }
  }

  close(): void {
    this.#server.closeAllConnections()
    this.#server.close()
  }

  create(object: PodObject): void {
    this.pods.set(object.metadata.name, object)
    this.#tell('ADDED', object)
  }

  delete(name: string, grace: number): void {
    const object = this.pods.get(name)
    if (object === undefined) return
    object.metadata.deletionTimestamp = new Date(Date.now() + grace * 1000).toISOString()
    this.#tell('MODIFIED', object)
  }

  #tell(type: string, object: object): void {
    this.#watch?.write(`${JSON.stringify({ type, object })}\n`)
  }

  /** As many as the client wants at once, and where the next ones begin. */
  #page(query: URLSearchParams): object {
    const from = Number(query.get('continue') ?? 0)
    const to = from + Number(query.get('limit') ?? 1_000_000)
    const isMore = to < this.pods.size
    this.lists += 1
    return {
      metadata: { resourceVersion: '1', ...(isMore ? { continue: `${to}` } : {}) },
      items: [...this.pods.values()].slice(from, to),
    }
  }

  async #answer(question: string, body: Record<string, unknown>, response: ServerResponse): Promise<void> {
    const end = (status: number, answer: object) => {
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
    }
    if (question.startsWith('GET /api/v1/pods?')) {
      if (!question.includes('watch=true')) return end(200, this.#page(new URLSearchParams(question.split('?')[1])))
      response.writeHead(200, { 'Content-Type': 'application/json' }).flushHeaders()
      this.#watch = response
      return
    }
    if (question.startsWith('POST') && question.endsWith('/events')) {
      const of = body.involvedObject as { readonly name?: string } | undefined
      this.events.push({ ...body, ...(of?.name === undefined ? {} : { name: of.name }) })
      return end(201, {})
    }
    const [, method, name = ''] = /^(PATCH|DELETE) \/api\/v1\/namespaces\/default\/pods\/([^/]+)/.exec(question) ?? []
    if (method === undefined) return end(200, { metadata: { uid: 'node', resourceVersion: '1' }, status: {}, spec: {} })
    const object = this.pods.get(name)
    if (object === undefined) return end(404, { message: 'not found' })
    this.#open += 1
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open)
    await sleep(TAKES)
    this.#open -= 1
    if (method === 'DELETE') {
      this.pods.delete(name)
      this.#tell('DELETED', object)
      return end(200, {})
    }
    this.patches += 1
    const changed = { ...object, status: mergedStatus(object.status, body) }
    this.pods.set(name, changed)
    this.#tell('MODIFIED', changed)
    end(200, changed)
  }
}
