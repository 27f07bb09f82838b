import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Credentials } from '../../../src/agent/kubernetes/credentials.ts'
import { makeAgentCa } from '../../../src/secrets/pki/agent-ca.ts'
import { issueCertificate } from '../../../src/secrets/pki/issue-certificate.ts'

interface TokenRequest {
  readonly kind?: string
  readonly spec?: {
    readonly audiences?: readonly string[]
    readonly expirationSeconds?: number
    readonly boundObjectRef?: { readonly kind?: string; readonly name?: string; readonly uid?: string }
  }
}

const DAY = 86_400_000

/**
 * A stand-in for what an API server has for the volumes of one Pod: its objects, and tokens of its service account. It
 * refuses what a real one refuses a Node (the lab asks a real one): a token for no Pod or another UID, another account, and
 * less than ten minutes.
 */
export class ObjectsApi {
  readonly objects = new Map<string, object>()
  readonly asked: string[] = []
  /** What came with the questions. */
  readonly bodies: unknown[] = []
  isDown = false
  /** Milliseconds, of a token from its request on. */
  lasts = 3_600_000
  now = 0
  readonly #uid: string
  readonly #server: Server
  readonly #ca = makeAgentCa(Date.now())

  constructor(uid: string) {
    this.#uid = uid
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
      const body = text === '' ? {} : JSON.parse(text)
      this.bodies.push(body)
      const [status, answer] = this.#answer(`${request.method} ${request.url}`, body)
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
  }

  async listen(): Promise<Credentials> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    return { server: new URL(`https://127.0.0.1:${port}`), ca: Buffer.from(this.#ca.certificate) }
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer(question: string, body: TokenRequest): readonly [number, object] {
    this.asked.push(question)
    if (this.isDown) return [503, { message: 'down' }]
    if (question === 'POST /api/v1/namespaces/default/serviceaccounts/default/token') return this.#token(body)
    const found = this.objects.get(question)
    return found === undefined ? [404, { message: 'not found' }] : [200, found]
  }

  #token({ kind, spec = {} }: TokenRequest): readonly [number, object] {
    const { audiences = [], expirationSeconds = 0, boundObjectRef: ref } = spec
    if (kind !== 'TokenRequest') return [400, { message: 'no TokenRequest' }]
    if (ref?.kind !== 'Pod' || ref.uid !== this.#uid) return [403, { message: 'not bound' }]
    if (expirationSeconds < 600) return [422, { message: 'too short' }]
    const expirationTimestamp = new Date(this.now + this.lasts).toISOString().replace(/\.\d+/, '')
    return [201, { status: { token: `${audiences.join(',')} ${this.asked.length}`, expirationTimestamp } }]
  }
}
