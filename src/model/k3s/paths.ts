const configuration = '/etc/rancher/k3s'
const data = '/var/lib/rancher/k3s'
const server = `${data}/server`

/**
 * The files and folders of k3s, the same on every host, because keel refuses inventories that move them (`data-dir`,
 * `config`). Other code gets these paths from here, and code that has a HostState gets them from it.
 */
export const k3sPaths = {
  configuration,
  config: `${configuration}/config.yaml`,
  configParts: `${configuration}/config.yaml.d`,
  registries: `${configuration}/registries.yaml`,
  /** The cluster's administrator: anybody who reads it is root on every node. `k3s kubectl` uses it by itself. */
  adminKubeconfig: `${configuration}/k3s.yaml`,
  node: '/etc/rancher/node',
  nodePassword: '/etc/rancher/node/password',
  data,
  server,
  manifests: `${server}/manifests`,
  serverCa: `${server}/tls/server-ca.crt`,
  serverCaKey: `${server}/tls/server-ca.key`,
  /** The credential of a node, used by its kubelet. */
  nodeKubeconfig: `${data}/agent/kubelet.kubeconfig`,
  /** The folders that contain all files of k3s and its tools. Nobody else has files in them. */
  roots: { configuration: '/etc/rancher', data: '/var/lib/rancher' },
} as const
