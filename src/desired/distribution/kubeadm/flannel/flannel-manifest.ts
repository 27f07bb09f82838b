import type { Cluster, Json } from '../../../../model/cluster.ts'
import { flannelConfig } from './flannel-config.ts'
import { flannelPods } from './flannel-pods.ts'

const rbac = 'rbac.authorization.k8s.io'
const name = 'flannel'
const namespace = 'kube-flannel'

/**
 * flannel as its own manifest sets it up, with the Pod network of the cluster: the objects in the order in which they
 * are applied. Each node's part of that network comes from the controller manager, to which kubeadm gives `podSubnet`.
 * Pure.
 * @see https://github.com/flannel-io/flannel/releases/tag/v0.28.9 its file kube-flannel.yml
 */
export function flannelManifest({ networks }: Pick<Cluster, 'networks'>): readonly Json[] {
  const account = { name, namespace }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      // flannel uses the network of the host
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: account },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', ...account }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kube-flannel-cfg', namespace },
      data: flannelConfig(networks.cluster),
    },
    flannelPods({ account, config: 'kube-flannel-cfg' }),
  ]
}
