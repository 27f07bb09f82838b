import { defineHost } from 'keel'

export default defineHost({
  role: 'server',
  address: 'root@ocean.mercury',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMWvqEn68QqPkwj0uUV37DErfV1Qa6qQPdoRaQcL9TFl',
  nodeIP: '100.64.0.6',
  k3s: {
    'tls-san': ['ocean.mercury', '100.64.0.6'],
  },
})
