import { defineHost } from 'keel'

export default defineHost({
  os: 'debian',
  role: 'agent',
  address: 'root@10.0.0.2',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB5OfBDd0B8Nt+PqGlmijTy29fGOFgJYBq+yekyVsBYr',
  nodeIP: '10.0.0.2',
})
