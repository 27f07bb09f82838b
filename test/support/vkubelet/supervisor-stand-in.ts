import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { readAll, readOne, TAG } from '../../../src/agent/approver/request/read-der.ts'
import { ClusterCa } from './cluster-ca.ts'

export type Mood = 'as k3s' | 'shared key' | 'garbage' | 'endless' | 'another key' | 'another node' | 'silent' | '500'

/**
 * A stand-in for the supervisor of k3s, which gives nodes their certificates, as it was measured with k3s 1.36: a request
 * in DER is signed, anything else gets 200 with a key that everybody gets; the first to come with a name sets its password;
 * an own certificate is enough, until the Node is deleted. In the lab there is the look-alike of k3s.
 */
export class SupervisorStandIn {
  mood: Mood = 'as k3s'
  /** Milliseconds: of the certificates that it signs. */
  lifetime = { from: -60_000, to: 3_600_000 }
  readonly asked: string[] = []
  readonly passwords = new Map<string, string>()
  /** Nodes whose object was deleted. */
  readonly deleted = new Set<string>()
  readonly serverCa = new ClusterCa()
  readonly clientCa = new ClusterCa()
  readonly #server: Server
  readonly #shared = this.serverCa.issue({ subject: [['CN', 'shared']], purpose: 'server' })

  constructor() {
    const { chain: cert, key } = this.serverCa.issue({ subject: [['CN', 'k3s']], purpose: 'server' })
    const options = { cert, key, ca: this.clientCa.certificate, requestCert: true, rejectUnauthorized: false }
    this.#server = createServer(options, async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk)
      const { status, body } = this.#answer(request, Buffer.concat(chunks))
      this.asked.push(`${request.method} ${request.url} ${status}`)
      if (status === 0) return
      response.writeHead(status, { 'Content-Type': 'text/plain' })
      if (this.mood === 'endless' && request.method === 'POST') {
        const timer = setInterval(() => response.write('x'.repeat(65_536)), 1)
        response.once('close', () => clearInterval(timer))
      } else response.end(body)
    })
  }

  async listen(): Promise<URL> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return new URL(`https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #answer({ method, url = '', headers, socket }: IncomingMessage, body: Buffer): { status: number; body: string } {
    if (url === '/cacerts') return { status: 200, body: this.serverCa.certificate }
    const refuse = (status: number, words: string) => ({ status, body: words })
    const own = socket instanceof TLSSocket && socket.authorized ? socket.getPeerCertificate().subject.CN : undefined
    const certified = `${own ?? ''}`.replace(/^system:node:/, '')
    const isToken = headers.authorization === `Basic ${Buffer.from('node:secret').toString('base64')}`
    if (!isToken && (own === undefined || this.deleted.has(certified))) return refuse(401, 'not authorized')
    if (url === '/v1-k3s/client-ca.crt') return { status: 200, body: this.clientCa.certificate }
    const node = `${headers['k3s-node-name'] ?? ''}`
    const password = `${headers['k3s-node-password'] ?? ''}`
    if (node === '' || password === '') return refuse(400, 'node name or password not set')
    if (own !== undefined && certified !== node && !isToken) return refuse(400, 'another node')
    if (!this.passwords.has(node)) this.passwords.set(node, password)
    if (this.passwords.get(node) !== password) return refuse(403, 'Node password rejected')
    this.deleted.delete(node)
    if (this.mood === '500') return refuse(500, 'no')
    if (this.mood === 'silent') return refuse(0, '')
    if (this.mood === 'garbage')
      return { status: 200, body: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' }
    const key = method === 'POST' && this.mood !== 'shared key' ? requestedKey(body) : undefined
    if (key === undefined) return { status: 200, body: `${this.#shared.chain}${this.#shared.key}` }
    const publicKey = this.mood === 'another key' ? createPublicKey(this.#shared.key) : key
    const name = this.mood === 'another node' ? 'maia' : node
    if (url === '/v1-k3s/client-kubelet.crt') {
      const subject = [
        ['O', 'system:nodes'],
        ['CN', `system:node:${name}`],
      ] as const
      const leaf = this.clientCa.sign(publicKey, { subject, purpose: 'client', names: [], ...this.lifetime })
      return { status: 200, body: leaf + this.clientCa.certificate }
    }
    if (url !== '/v1-k3s/serving-kubelet.crt') return refuse(404, 'not found')
    const names = [
      name,
      'localhost',
      '127.0.0.1',
      ...`${headers['k3s-node-ip'] ?? ''}`.split(',').filter((ip) => ip !== ''),
    ]
    const leaf = this.serverCa.sign(publicKey, { subject: [['CN', name]], purpose: 'server', names, ...this.lifetime })
    return { status: 200, body: leaf + this.serverCa.certificate }
  }
}

/** Of a request in DER (RFC 2986) whose signature is right. */
function requestedKey(bytes: Buffer): KeyObject | undefined {
  try {
    const [unsigned, , signature] = readAll(readOne(bytes, TAG.sequence, 'request').contents)
    const [, , spki] = readAll(unsigned?.contents ?? Buffer.alloc(0))
    if (unsigned === undefined || signature === undefined || spki === undefined) return undefined
    const key = createPublicKey({ key: spki.whole, format: 'der', type: 'spki' })
    const isRight = verify('sha256', unsigned.whole, { key, dsaEncoding: 'der' }, signature.contents.subarray(1))
    return isRight ? key : undefined
  } catch {
    return undefined
  }
}
