import { X509Certificate } from 'node:crypto'

/** The CAs that an agent's certificate may come from, in PEM. */
export interface TrustedCas {
  /** Of the keel-agents: it signs their first certificates. */
  readonly agentCa: string
  /** Of the cluster: it signs the operational ones. Absent in a cluster whose CA keel does not know. */
  readonly serverCa?: string
}

/**
 * What is wrong with the certificate that an agent shows, although one of the CAs has signed it. The CA of the cluster
 * signs those of kubelets and API servers as well: only the subject that Kubernetes gives to a node itself counts
 * (kubernetes.io/kubelet-serving).
 */
export function agentIdentityFault(
  raw: Uint8Array,
  node: string,
  { agentCa, serverCa }: TrustedCas,
): string | undefined {
  const shown = new X509Certificate(raw)
  const isBy = (pem: string) => {
    const ca = new X509Certificate(pem)
    return shown.checkIssued(ca) && shown.verify(ca.publicKey)
  }
  const subject = isBy(agentCa)
    ? `CN=system:node:${node}`
    : serverCa !== undefined && isBy(serverCa)
      ? `O=system:nodes\nCN=system:node:${node}`
      : undefined
  if (subject === undefined) return 'a certificate of another CA'
  if (shown.subject !== subject) return `the certificate of ${shown.subject.replaceAll('\n', ', ').slice(0, 200)}`
  return shown.checkHost(node) === undefined ? `a certificate that is not for ${node}` : undefined
}
