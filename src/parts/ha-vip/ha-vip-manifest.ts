import type { Host, Manifest, VirtualIp } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { manifestOf } from '../../model/kubernetes/manifest-text.ts'
import { yamlText } from '../../model/text/yaml-text.ts'
import { apiIn, nodeNameIn, serverDaemonSet } from '../server-daemon-set.ts'
import { haVipConfig } from './ha-vip-member.ts'

const metadata = { name: 'ha-vip', namespace: 'kube-system' }
const inPod = '/etc/ha-vip'

/**
 * Its account, which may ask for health and read nodes; and with an image also what runs it. The Secret `ha-vip-tls`
 * holds a key: the first server makes it.
 */
export function haVipManifest(servers: readonly Host[], vip: VirtualIp, access: Pick<Access, 'serverApi'>): Manifest {
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'ha-vip-reader' }
  const configs = Object.fromEntries(
    servers.map((host) => [`${host.name}.yaml`, yamlText(haVipConfig(servers, vip, host, `${inPod}/certs`))]),
  )
  return manifestOf('keel-vip.yaml', [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: role.name },
      rules: [
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list'] },
        { nonResourceURLs: ['/readyz', '/healthz'], verbs: ['get'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'ha-vip-binding' },
      roleRef: role,
      subjects: [{ kind: 'ServiceAccount', ...metadata }],
    },
    ...(vip.image === undefined
      ? []
      : [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...metadata, name: 'ha-vip-config' }, data: configs },
          serverDaemonSet({
            metadata,
            labels: { app: metadata.name },
            container: {
              image: vip.image,
              args: ['-config', `${inPod}/$(NODE_NAME).yaml`],
              workingDir: inPod,
              env: [nodeNameIn('NODE_NAME'), ...apiIn(access)],
              volumeMounts: [
                { name: 'config', mountPath: inPod },
                { name: 'tls-certs', mountPath: `${inPod}/certs` },
              ],
            },
            volumes: [
              { name: 'config', configMap: { name: 'ha-vip-config' } },
              { name: 'tls-certs', secret: { secretName: 'ha-vip-tls', defaultMode: 0o400 } },
            ],
          }),
        ]),
  ])
}
