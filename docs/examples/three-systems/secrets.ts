import { defineSecrets } from 'keel'

// the groups `servers`, `agents` and `firstServer` come from the hosts' roles
export default defineSecrets({
  admins: { ada: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB5OfBDd0B8Nt+PqGlmijTy29fGOFgJYBq+yekyVsBYr' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  },
})
