import { defineHost } from 'keel'

export default defineHost({
  role: 'agent',
  address: 'root@192.168.1.16',
  nodeIP: '192.168.1.16',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEquMe2z+3xIB5EfTYwYKgqlzkXN/PjProdo2VY5Vtzf',
  keelAgent: false,
})
