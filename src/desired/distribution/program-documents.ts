import type { Cluster, Host } from '../../model/cluster.ts'
import { documentText } from './kubeadm/document-text.ts'
import { documentsOf } from './kubeadm/documents.ts'

/**
 * What the distribution's own program reads to found the cluster or to join it. Undefined where a unit does that, as with
 * k3s.
 * @param caCertificate the certificate of the CA of the cluster in PEM
 * @throws KeelError `ca-certificate-missing`
 */
export function programDocuments(
  cluster: Cluster,
  caCertificate: string | undefined,
): ((host: Host) => string) | undefined {
  const { distribution } = cluster
  if (distribution.kind !== 'kubeadm') return undefined
  return (host) => documentText(documentsOf({ cluster, kubeadm: distribution, host }, caCertificate))
}
