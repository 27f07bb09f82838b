import { defineSecrets } from 'keel'

export default defineSecrets({
  admins: { ada: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKMseLtdk9X4JUaK81YA/wtXKzNMH/l1y9DHpAr44rN1' },
  secrets: {
    'k3s-server-token': { readers: ['admins', 'servers'], generate: 'k3s-token' },
    'k3s-agent-token': { readers: ['admins', 'servers', 'agents'], generate: 'k3s-token' },
    'k3s-server-ca-key': { readers: ['admins', 'firstServer'], generate: 'k3s-ca' },
  },
})
