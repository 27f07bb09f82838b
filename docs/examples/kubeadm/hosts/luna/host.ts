import { defineHost } from 'keel'

export default defineHost({
  os: 'flatcar',
  role: 'agent',
  address: 'core@192.168.1.14',
  nodeIP: '192.168.1.14',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBvb14Cy4VvLnjEof97kYW1rbRNqxLPHOezgFLyJP7Hv',
})
