import { defineHost } from 'keel'

export default defineHost({
  os: 'nixos',
  role: 'agent',
  address: 'root@192.168.1.15',
  nodeIP: '192.168.1.15',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBqBfO/sADKIwflK1tAXF1/LPjxkaILp0Bhq5Z/Jh77I',
})
