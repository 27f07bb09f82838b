import { defineHost } from 'keel'

export default defineHost({
  os: 'debian',
  role: 'server',
  address: 'root@10.0.0.1',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINrOdYsUFjcXDObd4gnQb1xdZSHMNwmcVT9ZgJgh+oRI',
  nodeIP: '10.0.0.1',
})
