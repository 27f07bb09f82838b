import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Credentials } from '../../../src/agent/kubernetes/credentials.ts'
import { ClusterCa } from './cluster-ca.ts'

interface Review {
  readonly kind: string
  readonly spec: {
    readonly token?: string
    readonly user?: string
    readonly groups?: readonly string[]
    readonly resourceAttributes?: Readonly<Record<string, string>>
  }
}

/**
 * A stand-in for the two questions to an API server: whose token it is, and who may do something. It has an administrator's
 * group, and knows metrics-server by its token. It refuses what is no such question, and whoever is no Node. In the lab a
 * real API server is asked.
 */
export class ReviewsApi {
  readonly asked: Review[] = []
  isDown = false
  readonly #ca = new ClusterCa()
  readonly #server: Server

  constructor() {
    const { chain: cert, key } = this.#ca.issue({ subject: [['CN', 'api']], purpose: 'server' })
    this.#server = createServer(
      { cert, key, ca: this.#ca.certificate, requestCert: true },
      async (request, response) => {
        const chunks: Buffer[] = []
        for await (const chunk of request) chunks.push(chunk)
        const review: Review = JSON.parse(Buffer.concat(chunks).toString())
        this.asked.push(review)
        const status = this.isDown ? undefined : answerTo(`${request.method} ${request.url}`, review)
        response.writeHead(status === undefined ? 500 : 201, { 'Content-Type': 'application/json' })
        response.end(JSON.stringify(status === undefined ? { message: 'no' } : { ...review, status }))
      },
    )
  }

  async listen(): Promise<() => Promise<Credentials>> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    const { port } = this.#server.address() as AddressInfo
    const { chain, key } = this.#ca.node('ocean')
    const credentials = {
      server: new URL(`https://127.0.0.1:${port}`),
      ca: Buffer.from(this.#ca.certificate),
      cert: Buffer.from(chain),
      key: Buffer.from(key),
    }
    return async () => credentials
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

const METRICS = 'system:serviceaccount:kube-system:metrics-server'

function answerTo(asked: string, { kind, spec }: Review): object | undefined {
  if (asked === 'POST /apis/authentication.k8s.io/v1/tokenreviews' && kind === 'TokenReview')
    return spec.token === 'sesame'
      ? { authenticated: true, user: { username: METRICS, uid: '1', groups: ['system:serviceaccounts'] } }
      : // as a real one writes it: without `authenticated`, and with an empty user
        { user: {}, error: '[invalid bearer token, token lookup failed]' }
  const { resource, name, subresource, verb } = spec.resourceAttributes ?? {}
  const isAsked = asked === 'POST /apis/authorization.k8s.io/v1/subjectaccessreviews' && kind === 'SubjectAccessReview'
  if (!isAsked || resource !== 'nodes' || name !== 'ocean') return undefined
  const allowed =
    spec.groups?.includes('system:masters') === true ||
    (spec.user === METRICS && verb === 'get' && (subresource === 'metrics' || subresource === 'stats'))
  return { allowed }
}
