import { defineSecrets } from 'keel'

export default defineSecrets({
  admins: { ada: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKMseLtdk9X4JUaK81YA/wtXKzNMH/l1y9DHpAr44rN1' },
  secrets: {
    'kubernetes-ca-key': { readers: ['admins', 'servers'], generate: 'kubeadm-ca' },
    'front-proxy-ca-key': { readers: ['admins', 'servers'], generate: 'kubeadm-ca' },
    'etcd-ca-key': { readers: ['admins', 'servers'], generate: 'kubeadm-ca' },
    'service-account-key': { readers: ['admins', 'servers'], generate: 'service-account-key' },
  },
})
