/** Files and folders on a host of kubeadm's. Sources: kubeadm's implementation details (kubernetes.io), and measured. */
export const kubeadmPaths = {
  /** Comes with the image of Kubernetes. */
  program: '/usr/bin/kubeadm',
  pki: '/etc/kubernetes/pki',
  ca: '/etc/kubernetes/pki/ca.crt',
  adminKubeconfig: '/etc/kubernetes/admin.conf',
  nodeKubeconfig: '/etc/kubernetes/kubelet.conf',
  apiServerManifest: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  kubelet: '/var/lib/kubelet',
  etcd: '/var/lib/etcd',
} as const

/** What keel has there beside it. */
export const keelKubeadmPaths = {
  folder: '/etc/keel/kubeadm',
  /** What kubeadm reads. */
  document: '/etc/keel/kubeadm/kubeadm.yaml',
  script: '/etc/keel/kubeadm/join.sh',
  /** A part of it. */
  upgradeScript: '/etc/keel/kubeadm/upgrade.sh',
  /** Leads kubectl to the API server of the host itself, with the administrator's credential of kubeadm. */
  localKubeconfig: '/etc/keel/kubeadm/local.conf',
  certificates: '/etc/keel/kubeadm/pki',
  manifests: '/etc/keel/manifests',
  applyScript: '/etc/keel/kubeadm/manifests.sh',
  /** On a tmpfs: that this host may found its cluster, join it with a token, or be upgraded. */
  permit: '/run/keel/kubeadm/permit',
  /** A folder that keel makes when a control plane is complete. It is where `kubeadm reset` removes everything. */
  isServer: '/var/lib/kubelet/keel-control-plane',
  /** A file, in the same place: the version that the node has come to, as a whole. */
  reached: '/var/lib/kubelet/keel-version',
} as const
