import { addressOfEachFamily, listenAddress, nodeAddress } from './addresses.ts'
import { certificateName } from './certificate-name.ts'
import { componentArg } from './component-arg.ts'
import { readCron } from './cron.ts'
import { type Kind, matching, oneOf } from './kind.ts'
import * as texts from './texts.ts'

/**
 * What each flag of k3s accepts, except flags for true or false, numbers and durations. We read this in the sources of
 * k3s and Kubernetes 1.33 to 1.36; it is the same in all four. A comment names the source if it is not obvious. Flags
 * that keel sets itself (k3s-flags.ts) are not in the list.
 */
export const textKinds: Readonly<Record<string, Kind>> = {
  // pkg/cli/cmds/log.go
  vmodule: texts.verbosities,
  log: texts.path,

  // pkg/cli/server/server.go; when kube-apiserver writes the endpoints of `kubernetes`, it refuses an advertised
  // loopback address
  'bind-address': listenAddress,
  'apiserver-bind-address': listenAddress,
  'advertise-address': nodeAddress,
  'tls-san': certificateName,
  'service-node-port-range': texts.portRange,
  'cluster-dns': addressOfEachFamily,
  // pkg/agent/flannel/setup.go: another word is an error; `wireguard` and `ipsec` do not exist since 1.26
  'flannel-backend': oneOf('vxlan', 'host-gw', 'wireguard-native', 'tailscale', 'none'),
  // validateNetworkConfiguration
  'egress-selector-mode': oneOf('agent', 'cluster', 'pod', 'disabled'),
  'servicelb-namespace': texts.namespace,
  'write-kubeconfig-group': texts.group,
  'helm-job-image': texts.image,
  // pkg/cli/cmds, DisableItems; any other word disables nothing
  disable: {
    ...oneOf('coredns', 'servicelb', 'traefik', 'local-storage', 'metrics-server', 'runtimes'),
    cutAtCommas: true,
  },
  'default-local-storage-path': texts.path,
  'system-default-registry': texts.registry,
  // pkg/secretsencrypt
  'secrets-encryption-provider': oneOf('aescbc', 'secretbox'),

  'kube-apiserver-arg': componentArg({
    'service-cluster-ip-range': '`networks.service` in hosts/cluster',
    'service-node-port-range': "the option 'service-node-port-range'",
    'advertise-address': "the option 'advertise-address'",
    'encryption-provider-config': "the option 'secrets-encryption'",
  }),
  'etcd-arg': componentArg(),
  'kube-controller-manager-arg': componentArg({
    'cluster-cidr': '`networks.cluster` in hosts/cluster',
    'service-cluster-ip-range': '`networks.service` in hosts/cluster',
  }),
  'kube-scheduler-arg': componentArg(),
  'kube-cloud-controller-manager-arg': componentArg({ 'cluster-cidr': '`networks.cluster` in hosts/cluster' }),
  'kube-controller-arg': componentArg(),
  'kube-cloud-controller-arg': componentArg(),
  'kubelet-arg': componentArg({
    'node-labels': '`labels`',
    'register-with-taints': '`taints`',
    'hostname-override': "the host's folder, whose name the Node has",
    'node-ip': '`nodeIP`',
    'cluster-dns': "the option 'cluster-dns' in hosts/cluster",
    'cluster-domain': '`networks.domain` in hosts/cluster',
  }),
  'kube-proxy-arg': componentArg({
    'cluster-cidr': '`networks.cluster` in hosts/cluster',
    'hostname-override': "the host's folder, whose name the Node has",
  }),

  // pkg/etcd; the name of a snapshot becomes the name of a file
  'etcd-snapshot-name': texts.fileName,
  'etcd-snapshot-schedule-cron': { allowed: "five fields of cron: '0 */5 * * *'", read: readCron },
  'etcd-snapshot-dir': texts.path,
  // pkg/etcd/s3/s3.go
  'etcd-s3-endpoint': texts.s3Endpoint,
  'etcd-s3-endpoint-ca': texts.certificates,
  'etcd-s3-bucket': texts.bucket,
  'etcd-s3-bucket-lookup-type': oneOf('auto', 'dns', 'path'),
  'etcd-s3-region': matching("a region's name: letters, digits, . _ -", /^[A-Za-z0-9][A-Za-z0-9._-]*$/, 100),
  'etcd-s3-folder': texts.words,
  'etcd-s3-proxy': texts.proxy,
  'etcd-s3-config-secret': texts.objectName,

  // pkg/agent/config/config.go
  'image-credential-provider-bin-dir': texts.path,
  'image-credential-provider-config': texts.path,
  'container-runtime-endpoint': texts.socket,
  'image-service-endpoint': texts.socket,
  'default-runtime': texts.plugin,
  snapshotter: texts.plugin,
  'pause-image': texts.image,
  'airgap-extra-registry': texts.registry,
  'node-external-ip': addressOfEachFamily,
  'node-internal-dns': texts.nodeDnsName,
  'node-external-dns': texts.nodeDnsName,
  'resolv-conf': texts.path,
  'flannel-conf': texts.path,
  'flannel-cni-conf': texts.path,
  'vpn-auth-file': texts.path,
}

/** The lowest and highest value of flags that are whole numbers. */
export const numberRanges: Readonly<Record<string, readonly [least: number, most: number]>> = {
  // the Level of klog is an int32
  v: [0, 2 ** 31 - 1],
  // 0 means the port on which k3s listens
  'advertise-port': [0, 65_535],
  // k3s also uses the port below it (pkg/agent/proxy)
  'lb-server-port': [2, 65_535],
  // below 1 k3s never deletes a snapshot (pkg/etcd, snapshotRetention)
  'etcd-snapshot-retention': [0, 2 ** 31 - 1],
  'etcd-s3-retention': [0, 2 ** 31 - 1],
}
