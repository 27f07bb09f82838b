import { defineHost } from 'keel'

export default defineHost({
  os: 'debian',
  role: 'agent',
  address: 'root@10.0.0.3',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPWY2jkSG9FFrTllATW3CallWSkGgSOgnigFYC2WT/5G',
  nodeIP: '10.0.0.3',
})
