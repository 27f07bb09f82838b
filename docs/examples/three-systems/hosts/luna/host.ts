import { defineHost } from 'keel'

// no hostKey yet: the machine creates its own key at its first boot, and `keel add-node luna` adds it
export default defineHost({
  os: 'flatcar',
  role: 'agent',
  address: '10.0.0.3',
  nodeIP: '10.0.0.3',
})
