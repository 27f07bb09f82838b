import type { Access } from '../../../model/distribution/access.ts'
import type { Past } from '../../../model/distribution/past.ts'
import type { Places } from '../../../model/distribution/places.ts'
import { keelKubeadmPaths, kubeadmPaths } from '../../../model/kubeadm/paths.ts'

const { pki, ca, adminKubeconfig, nodeKubeconfig, etcd, kubelet } = kubeadmPaths

export const kubeadmAccess: Access = {
  // the administrator's own kubeconfig leads to the address of the cluster, which may not stand yet, or to another server
  kubectl: ['env', `KUBECONFIG=${keelKubeadmPaths.localKubeconfig}:${adminKubeconfig}`, 'kubectl'],
  admin: adminKubeconfig,
  node: nodeKubeconfig,
  kubelet: {
    // a link: kubelet leads it to the next certificate
    certificate: `${kubelet}/pki/kubelet-client-current.pem`,
    key: `${kubelet}/pki/kubelet-client-current.pem`,
    ca: `${keelKubeadmPaths.certificates}/ca.crt`,
  },
  hidden: [
    { path: '/etc/kubernetes', mode: '0755' },
    { path: kubelet, mode: '0750' },
    { path: `${kubelet}/pki`, mode: '0755' },
    { path: etcd, mode: '0700', onlyOn: 'server' },
  ],
  ca,
  clientCa: { certificate: ca, key: `${pki}/ca.key` },
  etcd: {
    data: `${etcd}/member`,
    ca: `${pki}/etcd/ca.crt`,
    certificate: `${pki}/apiserver-etcd-client.crt`,
    key: `${pki}/apiserver-etcd-client.key`,
    // kubeadm sets --listen-metrics-urls to it
    health: { host: '127.0.0.1', port: '2381' },
    gateways: ['127.0.0.1:2379'],
    memberSuffix: '',
  },
  // written by `kubeadm init` and `kubeadm upgrade`, read by every join
  founded: { name: 'kubeadm-config', namespace: 'kube-system' },
  // kube-proxy itself reaches the API by the address of the cluster
  serverApi: { host: '127.0.0.1', port: '6443' },
}

export const kubeadmPlaces: Places = {
  configuration: keelKubeadmPaths.folder,
  config: keelKubeadmPaths.document,
  configParts: keelKubeadmPaths.manifests,
  data: kubelet,
  server: etcd,
  certificates: [pki, `${pki}/etcd`, `${kubelet}/pki`],
}

export const kubeadmPast: Past = {
  server: keelKubeadmPaths.isServer,
  agent: nodeKubeconfig,
  serverCa: ca,
  agentCa: ca,
  upgraded: { reached: keelKubeadmPaths.reached, apiServer: kubeadmPaths.apiServerManifest },
  version: { command: ['kubelet', '--version'], says: 'Kubernetes' },
}
