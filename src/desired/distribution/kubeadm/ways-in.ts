import type { Cluster, Host } from '../../../model/cluster.ts'
import { keelKubeadmPaths } from '../../../model/kubeadm/paths.ts'
import type { ClusterState } from '../../cluster-state.ts'
import { generatedYaml } from '../../generated-yaml.ts'
import type { WantedFile } from '../../host-state.ts'
import { documentText } from './document-text.ts'
import { initDocuments, joinDocuments } from './documents.ts'
import { kubeadmOf } from './kubeadm-of.ts'

interface Ways {
  readonly document: string
  /** It only matters to a host that has not joined yet by which server it gets in: so each of them is right later. */
  readonly others: readonly string[]
}

/**
 * How a host gets into the cluster, as the text that kubeadm reads.
 * @param through the server to join through; undefined: this host founds the cluster
 * @param caCertificate the certificate of the CA of the cluster in PEM
 */
export function waysInOf(
  { cluster, servers }: Pick<ClusterState, 'cluster' | 'servers'>,
  host: Host,
  through: Host | undefined,
  caCertificate: string,
): Ways {
  const document = documentFor(cluster, host, through, caCertificate)
  const all = [
    ...(host.firstServer ? [documentFor(cluster, host, undefined, caCertificate)] : []),
    ...servers
      .filter(({ name }) => name !== host.name)
      .map((server) => documentFor(cluster, host, server, caCertificate)),
  ]
  return { document, others: [...new Set(all)].filter((other) => other !== document) }
}

/** The same as the file on the host. No unit reads it when it starts again. */
export function documentFile({ document, others }: Ways): WantedFile {
  return generatedYaml(keelKubeadmPaths.document, document, { alternatives: others })
}

function documentFor(cluster: Cluster, host: Host, through: Host | undefined, caCertificate: string): string {
  const kubeadm = kubeadmOf(cluster)
  return documentText(
    through === undefined
      ? initDocuments({ cluster, kubeadm, host })
      : joinDocuments({ kubeadm, host }, through, caCertificate),
  )
}
