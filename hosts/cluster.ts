import { defineCluster } from 'keel'

export default defineCluster({
  name: 'mercury',
  version: 'v1.36.3+k3s1',
  firstServer: 'ocean',
  k3s: {
    disable: ['traefik', 'local-storage'],
    'container-runtime-endpoint': '/run/containerd/containerd.sock',
    'secrets-encryption': true,
    'write-kubeconfig-mode': '0600',
  },
  defaults: {
    os: 'nixos',
    // Headscale: the traffic between nodes stays inside the mesh
    network: { interface: 'tailscale0' },
  },
})
