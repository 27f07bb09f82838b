import { defineHost } from 'keel'

// no hostKey yet: the machine makes its own at its first boot, and `keel add-node luna` enrols it
export default defineHost({
  os: 'flatcar',
  role: 'agent',
  address: '10.0.0.3',
  nodeIP: '10.0.0.3',
})
