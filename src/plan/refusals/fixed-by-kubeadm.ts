import type { Settings } from '../../probes/distribution/k3s-settings.ts'
import type { Fixed } from './fixed-flags.ts'

const setting = (flag: string, key: string, why: string): Fixed => ({
  flag,
  key,
  why,
  read: (settings: Settings) => settings[flag] ?? [],
})

/**
 * What `kubeadm init` settles for the life of a cluster. Source: kubeadm.k8s.io/v1beta4, ClusterConfiguration; "Reconfiguring
 * a kubeadm cluster" (kubernetes.io), which has none of these.
 */
export const fixedByKubeadm: readonly Fixed[] = [
  setting(
    'podSubnet',
    '`networks.cluster`',
    'every Node and Pod has an address in it, and Kubernetes never changes it',
  ),
  setting(
    'serviceSubnet',
    '`networks.service`',
    'every Service has an address in it, and the certificates of the API servers contain the first one',
  ),
  setting('dnsDomain', '`networks.domain`', 'every running Pod looks up names in it, and the certificates contain it'),
  setting(
    'controlPlaneEndpoint',
    '`vip` (without it: `firstServer`, and the address of that host)',
    'kubeadm has written it into the kubeconfigs of all hosts and the certificates of the API servers',
  ),
  setting('clusterName', '`name`', 'kubeadm has written it into every kubeconfig and the controller manager'),
]
