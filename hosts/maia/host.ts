import { defineHost } from 'keel'

export default defineHost({
  role: 'agent',
  address: 'root@maia.mercury',
  hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH0Q0ucJVfpYZX/rSXd1k1nDIGLqMVybE2c8qh61NcjL',
  nodeIP: '100.64.0.5',
  labels: { 'ncrmro.com/region': 'us-south-2' },
  taints: ['ncrmro.com/region=us-south-2:NoSchedule'],
})
