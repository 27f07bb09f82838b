import { defineHost } from 'keel'

export default defineHost({
  os: 'nixos',
  nixos: { configuration: 'hosts/maia/configuration.nix' }, // or a flake beside hosts/: { flake: '.#maia' }
  role: 'agent',
  address: 'root@10.0.0.2',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOTEhgQ0JyMix4eNZu4mWRe3AP0cI+UTKj7IpgcnvlR0',
  nodeIP: '10.0.0.2',
})
