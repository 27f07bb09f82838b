import { defineHost } from 'keel'

// one inventory can have both forms; this host is TypeScript, because it computes a value
const name = 'luna'

export default defineHost({
  role: 'agent',
  address: `root@${name}.example`,
  nodeIP: '10.0.0.3',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPWY2jkSG9FFrTllATW3CallWSkGgSOgnigFYC2WT/5G',
})
