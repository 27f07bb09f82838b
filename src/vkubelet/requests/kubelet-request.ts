import { isDnsLabel } from '../../model/addresses/dns-name.ts'
import type { ContainerRef, PodRef } from '../names/container-ref.ts'
import { isPodName } from '../names/unit-name.ts'

/** What a client asks of a kubelet (k8s.io/kubernetes/pkg/kubelet/server), as far as this Node answers it. */
export type KubeletRequest = PlainRequest | LogsRequest | StreamRequest

export interface PlainRequest {
  readonly kind: 'health' | 'pods' | 'metrics' | 'resource-metrics' | 'summary'
}

export interface LogsRequest {
  readonly kind: 'logs'
  readonly container: ContainerRef
  readonly query: URLSearchParams
}

/** What changes to another protocol. */
export type StreamRequest = CommandRequest | ForwardRequest

export interface CommandRequest {
  readonly kind: 'exec' | 'attach'
  readonly container: ContainerRef
  readonly query: URLSearchParams
}

export interface ForwardRequest {
  readonly kind: 'forward'
  readonly pod: PodRef
}

const PLAIN: Readonly<Record<string, PlainRequest['kind']>> = {
  '/healthz': 'health',
  '/pods': 'pods',
  '/metrics': 'metrics',
  '/metrics/resource': 'resource-metrics',
  '/stats/summary': 'summary',
}
const OF_CONTAINER: Readonly<Record<string, 'logs' | 'exec' | 'attach'>> = {
  containerLogs: 'logs',
  exec: 'exec',
  attach: 'attach',
}

/** Which status a client gets for what this Node does not answer. */
export interface Unanswered {
  readonly status: 404 | 405
}

/** @param url as it was sent */
export function kubeletRequest(method: string, url: string): KubeletRequest | Unanswered {
  const at = url.indexOf('?')
  const path = at === -1 ? url : url.slice(0, at)
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
  const request = requestAt(path, query)
  if (request === undefined) return { status: 404 }
  return methodsOf(request).includes(method) ? request : { status: 405 }
}

/** Commands come as POST, and with WebSockets as GET. */
function methodsOf({ kind }: KubeletRequest): readonly string[] {
  return kind === 'exec' || kind === 'attach' || kind === 'forward' ? ['POST', 'GET'] : ['GET']
}

function requestAt(path: string, query: URLSearchParams): KubeletRequest | undefined {
  const plain = Object.hasOwn(PLAIN, path) ? PLAIN[path] : undefined
  if (plain !== undefined) return { kind: plain }
  const [start, what = '', namespace = '', pod = '', ...rest] = path.split('/')
  // names of Kubernetes need no escape in a path: one with an escape is no name
  if (start !== '' || !isDnsLabel(namespace) || !isPodName(pod)) return undefined
  if (what === 'portForward') return rest.length === 0 ? { kind: 'forward', pod: { namespace, pod } } : undefined
  const [container = '', ...more] = rest
  const kind = Object.hasOwn(OF_CONTAINER, what) ? OF_CONTAINER[what] : undefined
  if (kind === undefined || more.length > 0 || !isDnsLabel(container)) return undefined
  const of = { container: { namespace, pod, container }, query }
  return kind === 'logs' ? { kind, ...of } : { kind, ...of }
}
