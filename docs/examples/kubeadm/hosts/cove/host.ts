import { defineHost } from 'keel'

export default defineHost({
  role: 'server',
  address: 'root@192.168.1.13',
  nodeIP: '192.168.1.13',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINBqgJvKRuSFyeZ3iwSEpF+K2/kztLEJUHMPddJN5WYO',
  taints: ['node-role.kubernetes.io/control-plane:NoSchedule'],
})
