import { ApiError } from '../../agent/kubernetes/api.ts'
import type { Credentials } from '../../agent/kubernetes/credentials.ts'
import { signedRequest } from '../../agent/kubernetes/signed-request.ts'
import { nodeSubject } from '../../agent/operational/issued-certificate.ts'
import type { HostName } from '../../model/brands.ts'
import { AGENT_LIFETIME } from '../../model/keel-agent/approver-account.ts'
import { issuedCertificates } from './certificates-in.ts'
import type { Issuer, Own } from './issuer.ts'

/** kubeadm's bindings have kube-controller-manager approve its requests by itself: for a bootstrap token, and a Node's own. */
const CLIENT_SIGNER = 'kubernetes.io/kube-apiserver-client-kubelet'

/** Seconds: what kubeadm's own kubelets get. The signer may give fewer. */
const CLIENT_LIFETIME = 365 * 24 * 60 * 60

interface Wanted {
  readonly node: HostName
  /** `https://HOST:6443` */
  readonly server: () => Promise<URL>
  /** The CA of the cluster (PEM): kubeadm has one for servers and clients. */
  readonly ca: string
  /** The bootstrap token, read anew each time: `abcdef.0123456789abcdef`. */
  readonly token: () => Promise<string>
  readonly signal: AbortSignal
}

/** The certificates of a kubeadm cluster, by its API for requests (kubelet TLS bootstrapping). */
export function kubeadmIssuer({ node, server, ca, token, signal }: Wanted): Issuer {
  const as = async (own: Own): Promise<Credentials> => ({
    server: await server(),
    ca: Buffer.from(ca),
    cert: Buffer.from(own.chain),
    key: Buffer.from(own.key),
  })
  const joining = async (): Promise<Credentials> => ({
    server: await server(),
    ca: Buffer.from(ca),
    token: bootstrapToken(await token()),
  })
  return {
    server,
    serverCa: async () => ca,
    servingSubject: nodeSubject(node),
    async client({ request }, own) {
      const wanted = {
        request,
        prefix: `node-csr-${node}-`,
        seconds: CLIENT_LIFETIME,
        signer: CLIENT_SIGNER,
        usages: ['digital signature', 'client auth'],
        approvesOwn: false,
      }
      return checked(await signedRequest(own === undefined ? joining : () => as(own), wanted, signal))
    },
    async serving({ request }, own) {
      const wanted = { request, prefix: `keel-vkubelet-${node}-`, seconds: AGENT_LIFETIME, approvesOwn: false }
      return checked(await signedRequest(() => as(own), wanted, signal))
    },
    clientCa: async () => ca,
  }
}

function bootstrapToken(text: string): string {
  const token = text.trim()
  // kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens, Token Format
  if (!/^[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token)) throw new ApiError('the bootstrap token is none')
  return token
}

function checked(answer: string): string {
  return issuedCertificates(answer, 'Kubernetes')
}
