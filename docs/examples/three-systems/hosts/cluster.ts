import { defineCluster } from 'keel'

export default defineCluster({
  name: 'mixed',
  // what keel brings to ocean and luna; maia's nixpkgs has to have one of 1.34, and keel says where its patch is another
  version: 'v1.34.4+k3s1',
  k3s: {
    'secrets-encryption': true,
    'write-kubeconfig-mode': '0600',
  },
  defaults: { labels: { 'example.com/site': 'home' } },
})
