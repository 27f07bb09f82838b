/** What a client needs to be allowed, as Kubernetes names it: a verb on a subresource of the Node. */
export interface Access {
  readonly verb: string
  readonly subresource: 'proxy' | 'metrics' | 'stats'
}

const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** What changes to another protocol. */
const STREAMS = ['/exec', '/attach', '/portForward']

/**
 * As a kubelet asks for it (kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz). It is asked before the
 * path is looked at, so that nobody learns what there is. A WebSocket begins with a GET: a kubelet then asks for `get`, and
 * everybody who may read the Node can run commands. Here a command is `create`, whatever carries it.
 * @param url as it was sent
 */
export function accessOf(method: string, url: string): Access {
  const [path = ''] = url.split('?', 1)
  const isBelow = (folder: string) => path === folder || path.startsWith(`${folder}/`)
  return {
    verb: method === 'GET' && STREAMS.some(isBelow) ? 'create' : (VERBS[method] ?? 'unknown'),
    subresource: isBelow('/metrics') ? 'metrics' : isBelow('/stats') ? 'stats' : 'proxy',
  }
}
