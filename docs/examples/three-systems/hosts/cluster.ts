import { defineCluster } from 'keel'

export default defineCluster({
  name: 'mixed',
  // keel sends this k3s to ocean and luna. maia gets the k3s 1.36 of its nixpkgs; keel reports if the patch differs
  version: 'v1.36.3+k3s1',
  k3s: {
    'secrets-encryption': true,
    'write-kubeconfig-mode': '0600',
  },
  defaults: { labels: { 'example.com/site': 'home' } },
})
