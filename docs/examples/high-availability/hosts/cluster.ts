import { defineCluster } from 'keel'

export default defineCluster({
  name: 'reef',
  firstServer: 'ocean',
  vip: { address: '192.168.1.100' },
  // the node's own kubelet certificate, and a certificate is approved by another than who asks for it
  keelAgent: { logLevel: 'info' },
  k3s: { 'secrets-encryption': true, 'write-kubeconfig-mode': '0600' },
  defaults: { os: 'debian' },
})
