import type { Json } from '../../../../model/cluster.ts'
import { cniPluginFolder } from '../../../../model/kubeadm/cni-plugin-folder.ts'
import { flannelImages } from './flannel-images.ts'

interface FlannelPods {
  readonly account: { readonly name: string; readonly namespace: string }
  /** The name of the ConfigMap. */
  readonly config: string
}

/** New values each time: YAML refers to a value that it has written before, which is hard to read. */
const labels = (): Json => ({ app: 'flannel' })
const configMount = (): Json => ({ name: 'flannel-cfg', mountPath: configFolder })

const configFolder = '/etc/kube-flannel/'

/** A volume that flannel's containers mount at the same path as on the host. */
const hostFolders = {
  run: '/run/flannel',
  // keel refuses a containerd that looks for plugins elsewhere
  'cni-plugin': cniPluginFolder,
  cni: '/etc/cni/net.d',
} as const

const lock = '/run/xtables.lock'

/**
 * One Pod on every Linux node, whatever taints keep other Pods away. Before flannel starts, the Pod puts the CNI plugin
 * and its configuration on the node.
 */
export function flannelPods({ account, config }: FlannelPods): Json {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-flannel-ds', namespace: account.namespace, labels: labels() },
    spec: {
      selector: { matchLabels: labels() },
      template: {
        metadata: { labels: labels() },
        spec: {
          affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: onLinux } },
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          tolerations: ['NoSchedule', 'NoExecute'].map((effect) => ({ effect, operator: 'Exists' })),
          serviceAccountName: account.name,
          initContainers: [
            copies(
              'install-cni-plugin',
              flannelImages.cniPlugin,
              ['/flannel', `${hostFolders['cni-plugin']}/flannel`],
              [hostMount('cni-plugin')],
            ),
            copies(
              'install-cni',
              flannelImages.flannel,
              [`${configFolder}cni-conf.json`, `${hostFolders.cni}/10-flannel.conflist`],
              [hostMount('cni'), configMount()],
            ),
          ],
          containers: [flannel],
          volumes: [
            ...Object.entries(hostFolders).map(([name, path]) => ({ name, hostPath: { path } })),
            { name: 'flannel-cfg', configMap: { name: config } },
            { name: 'xtables-lock', hostPath: { path: lock, type: 'FileOrCreate' } },
          ],
        },
      },
    },
  }
}

const onLinux: Json = {
  nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] }],
}

function hostMount(name: keyof typeof hostFolders): Json {
  return { name, mountPath: hostFolders[name] }
}

const flannel: Json = {
  name: 'kube-flannel',
  image: flannelImages.flannel,
  command: ['/opt/bin/flanneld'],
  args: ['--ip-masq', '--kube-subnet-mgr'],
  resources: { requests: { cpu: '100m', memory: '50Mi' } },
  securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
  env: [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    // more nodes than this at once, and flannel loses events
    { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
  ],
  volumeMounts: [hostMount('run'), configMount(), { name: 'xtables-lock', mountPath: lock }],
}

/** A container that copies one file and ends. */
function copies(name: string, image: string, files: readonly string[], volumeMounts: readonly Json[]): Json {
  return { name, image, command: ['cp'], args: ['-f', ...files], volumeMounts }
}
