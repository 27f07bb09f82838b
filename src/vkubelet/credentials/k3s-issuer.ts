import { createHash } from 'node:crypto'
import { ApiError } from '../../agent/kubernetes/api.ts'
import type { HostName } from '../../model/brands.ts'
import { parseToken } from '../../model/k3s/token.ts'
import { askSupervisor } from './ask-supervisor.ts'
import { issuedCertificates } from './certificates-in.ts'
import type { Issuer, Own } from './issuer.ts'
import { nodePassword } from './node-password.ts'

interface Wanted {
  readonly node: HostName
  /** `https://HOST:6443` */
  readonly server: () => Promise<URL>
  /** The CA of the cluster (PEM), where this host has it; absent: the token names it. */
  readonly ca?: string
  /** The token of agents, read anew each time. */
  readonly token: () => Promise<string>
  /** The addresses of this Node: the certificate to serve with has them. */
  readonly addresses: readonly string[]
  /** Where the password of the node is. */
  readonly passwordFile: string
}

/**
 * The certificates of k3s, as its agents get them (k3s, pkg/server and pkg/agent/config): a request in DER, with the token
 * and the node's own password; later with the own certificate instead of the token.
 */
export function k3sIssuer({ node, server, ca, token, addresses, passwordFile }: Wanted): Issuer {
  let trusted = ca
  const serverCa = async () => {
    trusted ??= await pinnedCa(await server(), await token())
    return trusted
  }
  const post = async (path: string, body: Buffer, own: Own | undefined, more: Readonly<Record<string, string>>) => {
    const ca = await serverCa()
    const headers = {
      'K3s-Node-Name': node.toLowerCase(),
      'K3s-Node-Password': await nodePassword(passwordFile),
      ...more,
    }
    const question = { server: await server(), ca, path, body, headers }
    const withToken = async () => {
      const { password } = parseToken(await token())
      return askSupervisor({ ...question, auth: { user: 'node', password } })
    }
    if (own === undefined) return checked(await withToken())
    try {
      return checked(await askSupervisor({ ...question, auth: { own } }))
    } catch (error) {
      // the Node was deleted in Kubernetes, so its certificate counts no more: it joins again
      if (!(error instanceof ApiError) || error.status !== 401) throw error
      return checked(await withToken())
    }
  }
  return {
    server,
    serverCa,
    servingSubject: `CN=${node.toLowerCase()}`,
    client: ({ der }, own) => post('/v1-k3s/client-kubelet.crt', der, own, {}),
    serving: ({ der }, own) => post('/v1-k3s/serving-kubelet.crt', der, own, { 'K3s-Node-IP': addresses.join(',') }),
    async clientCa(own) {
      const ca = await serverCa()
      return checked(await askSupervisor({ server: await server(), ca, path: '/v1-k3s/client-ca.crt', auth: { own } }))
    },
  }
}

/** Asked of nobody in particular: what answers is the CA only if the token says so. */
async function pinnedCa(server: URL, text: string): Promise<string> {
  const token = parseToken(text)
  if (token.kind !== 'pinned')
    throw new ApiError(
      'the token does not name the CA of the cluster, and nothing else does: the server could be anybody',
    )
  const answer = await askSupervisor({ server, ca: undefined, path: '/cacerts' })
  if (createHash('sha256').update(answer, 'latin1').digest('hex') !== token.caHash)
    throw new ApiError('the server shows another CA than the token names')
  return checked(answer)
}

function checked(answer: string): string {
  return issuedCertificates(answer, 'the k3s server')
}
