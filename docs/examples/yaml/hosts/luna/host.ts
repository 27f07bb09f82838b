import { defineHost } from 'keel'

// both forms can stand side by side: this one is written where a value is computed
const name = 'luna'

export default defineHost({
  role: 'agent',
  address: `root@${name}.example`,
  nodeIP: '10.0.0.3',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPWY2jkSG9FFrTllATW3CallWSkGgSOgnigFYC2WT/5G',
})
