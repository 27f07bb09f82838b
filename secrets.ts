import { defineSecrets } from 'keel'

// The groups `servers`, `agents` and `firstServer` come from the hosts' roles, so a new node is one file.
export default defineSecrets({
  admins: {
    ncrmro: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN3vlYij9Z7XdBklIo1vpUUQdnT9YBMe+cmpN5nPPudA',
  },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    // servers read it too: all of them need the same agent token
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  },
})
