import { defineHost } from 'keel'

export default defineHost({
  role: 'server',
  address: 'root@192.168.1.11',
  nodeIP: '192.168.1.11',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFyJ5f1DFlPzNkmu8V1q04JIcpyXuc2G6dablyq4ttdt',
  taints: ['node-role.kubernetes.io/control-plane:NoSchedule'],
})
