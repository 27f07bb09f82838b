import { defineCluster } from 'keel'

export default defineCluster({
  name: 'atoll',
  distribution: 'kubeadm',
  version: 'v1.36.3',
  firstServer: 'ocean',
  vip: { address: '192.168.1.100' },
  cni: { manifests: ['manifests/network.yaml'] },
  defaults: { os: 'debian' },
})
