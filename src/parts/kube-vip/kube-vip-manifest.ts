import { familyOf } from '../../model/addresses/ip.ts'
import type { Json, Manifest, VirtualIp } from '../../model/cluster.ts'
import type { Access } from '../../model/distribution/access.ts'
import { manifestOf } from '../../model/kubernetes/manifest-text.ts'
import { apiIn, nodeNameIn, serverDaemonSet } from '../server-daemon-set.ts'

/** The version that the names of its settings below are of. The user can give a digest; keel pulls no images. */
const image = 'ghcr.io/kube-vip/kube-vip:v1.0.1'
const metadata = { name: 'kube-vip', namespace: 'kube-system' }
const labels = { 'app.kubernetes.io/name': metadata.name }
/** As a selector of its Pods. */
export const label: string = `app.kubernetes.io/name=${metadata.name}`

/**
 * kube-vip for the API's address alone, as a DaemonSet with an account that may only hold one lease. As a static Pod it
 * would need the administrator's kubeconfig. Source: kube-vip.io/docs/installation/daemonset,
 * kube-vip.io/docs/installation/flags
 */
export function kubeVipManifest(vip: VirtualIp, access: Pick<Access, 'serverApi'>): Manifest {
  const subject: Json = { kind: 'ServiceAccount', ...metadata }
  const role = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name }
  return manifestOf('keel-vip.yaml', [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
        {
          apiGroups: ['coordination.k8s.io'],
          resources: ['leases'],
          resourceNames: [lease],
          verbs: ['get', 'watch', 'update'],
        },
      ],
    },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: role, subjects: [subject] },
    serverDaemonSet({
      metadata,
      labels,
      container: {
        image: vip.image ?? image,
        args: ['manager'],
        env: [
          ...Object.entries(settings(vip)).map(([name, value]) => ({ name, value })),
          nodeNameIn('vip_nodename'),
          ...apiIn(access),
        ],
      },
    }),
  ])
}

const lease = 'keel-vip'

function settings({ address, interface: name }: VirtualIp): Readonly<Record<string, string>> {
  return {
    address,
    port: '6443',
    vip_arp: 'true',
    vip_subnet: familyOf(address) === 'ipv4' ? '32' : '128',
    ...(name === undefined ? {} : { vip_interface: name }),
    cp_enable: 'true',
    cp_namespace: metadata.namespace,
    svc_enable: 'false',
    vip_leaderelection: 'true',
    vip_leasename: lease,
    vip_leaseduration: '5',
    vip_renewdeadline: '3',
    vip_retryperiod: '1',
    // its metrics are open to everybody by default, because the Pod uses the host's network
    prometheus_server: '127.0.0.1:2112',
  }
}
