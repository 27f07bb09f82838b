import { defineHost } from 'keel'

export default defineHost({
  role: 'server',
  address: 'root@192.168.1.12',
  nodeIP: '192.168.1.12',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPhzCYCYpKpyRIlf3/yNss9wnPaphPWHyZ5Byb9DnHLT',
  taints: ['node-role.kubernetes.io/control-plane:NoSchedule'],
})
