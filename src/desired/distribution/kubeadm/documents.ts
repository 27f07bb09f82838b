import type { Cluster, Host, Json } from '../../../model/cluster.ts'
import type { Kubeadm } from '../../../model/distribution/distribution.ts'
import { certificateName } from '../../../model/k3s/flag-kinds/certificate-name.ts'
import { isRefusal } from '../../../model/k3s/flag-kinds/kind.ts'
import { approvesKubelets } from '../../../model/keel-agent/approves-kubelets.ts'
import { caCertHash } from '../../../model/kubeadm/ca-cert-hash.ts'
import { kubeadmPaths } from '../../../model/kubeadm/paths.ts'
import { endpointAt } from './endpoint.ts'
import { nodeRegistration } from './node-registration.ts'
import { settledSettings } from './settled.ts'

/** Only the founder's inventory is needed. The token of a join is no part of a document: it lives for minutes. */
interface DocumentsFor {
  readonly cluster: Cluster
  readonly kubeadm: Kubeadm
  readonly host: Host
}

const kubeadmApi = 'kubeadm.k8s.io/v1beta4'

/** What `kubeadm init` reads on the host that founds the cluster. */
export function initDocuments({ cluster, kubeadm, host }: DocumentsFor): readonly Json[] {
  const { clusterName, controlPlaneEndpoint, podSubnet, serviceSubnet, dnsDomain } = settledSettings(cluster)
  const isVerified = approvesKubelets(cluster)
  return [
    {
      apiVersion: kubeadmApi,
      kind: 'InitConfiguration',
      nodeRegistration: nodeRegistration(kubeadm, host),
      ...localEndpoint(host),
    },
    {
      apiVersion: kubeadmApi,
      kind: 'ClusterConfiguration',
      clusterName: clusterName[0],
      kubernetesVersion: kubeadm.version,
      controlPlaneEndpoint: controlPlaneEndpoint[0],
      networking: {
        podSubnet: podSubnet.join(','),
        serviceSubnet: serviceSubnet.join(','),
        dnsDomain: dnsDomain[0],
      },
      apiServer: { certSANs: certificateNames(cluster), ...(isVerified ? { extraArgs: verifyKubelets } : {}) },
    },
    // kubeadm sets resolvConf itself, on each node where systemd-resolved runs
    {
      apiVersion: 'kubelet.config.k8s.io/v1beta1',
      kind: 'KubeletConfiguration',
      cgroupDriver: 'systemd',
      ...(isVerified ? { serverTLSBootstrap: true } : {}),
    },
  ]
}

/** By default an API server takes any certificate of a kubelet (kubernetes.io, kube-apiserver). */
const verifyKubelets = [{ name: 'kubelet-certificate-authority', value: kubeadmPaths.ca }]

/**
 * What `kubeadm join` reads, without its token.
 * @param through the server that lets the host in
 * @param caCertificate the certificate of the CA of the cluster in PEM, to which the join is pinned
 */
export function joinDocuments(
  { kubeadm, host }: Pick<DocumentsFor, 'kubeadm' | 'host'>,
  through: Host,
  caCertificate: string,
): readonly Json[] {
  return [
    {
      apiVersion: kubeadmApi,
      kind: 'JoinConfiguration',
      nodeRegistration: nodeRegistration(kubeadm, host),
      discovery: {
        bootstrapToken: {
          apiServerEndpoint: endpointAt(through),
          caCertHashes: [caCertHash(caCertificate)],
        },
      },
      ...(host.role === 'server' ? { controlPlane: localEndpoint(host) } : {}),
    },
  ]
}

/** Absent where nobody knows the address: kubeadm takes that of the default route. */
function localEndpoint({ nodeIPs: [address] }: Host): { readonly localAPIEndpoint?: Json } {
  return address === undefined ? {} : { localAPIEndpoint: { advertiseAddress: address, bindPort: 6443 } }
}

/**
 * The names by which somebody reaches an API server besides its own, which kubeadm adds: the cluster's address, and the
 * servers as SSH reaches them.
 */
function certificateNames({ vip, hosts }: Cluster): readonly string[] {
  const servers = hosts.filter(({ role }) => role === 'server')
  const names = [
    // keel asks a server on the server itself
    '127.0.0.1',
    ...(vip === undefined ? [] : [vip.address]),
    ...servers.flatMap(({ address, nodeIPs }) => [address.host.replace(/\.$/, ''), ...nodeIPs]),
  ]
  const read = names.map(certificateName.read).flatMap((name) => (isRefusal(name) ? [] : [name]))
  return [...new Set(read)].sort()
}
