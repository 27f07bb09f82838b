import { defineCluster } from 'keel'

export default defineCluster({
  name: 'reef',
  firstServer: 'ocean',
  vip: { address: '192.168.1.100' },
  // the agent uses the kubelet's certificate of its node; an account that requests certificates may not approve them
  keelAgent: { logLevel: 'info' },
  k3s: { 'secrets-encryption': true, 'write-kubeconfig-mode': '0600' },
  defaults: { os: 'debian' },
})
