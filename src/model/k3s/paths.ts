const configuration = '/etc/rancher/k3s'
const data = '/var/lib/rancher/k3s'
const server = `${data}/server`

/**
 * Where k3s has its files on every host: keel refuses inventories that move them (`data-dir`, `config`). What else
 * needs one of these paths takes it from here, and what comes after a HostState from the state.
 */
export const k3sPaths = {
  configuration,
  config: `${configuration}/config.yaml`,
  configParts: `${configuration}/config.yaml.d`,
  registries: `${configuration}/registries.yaml`,
  /** The cluster's administrator: anybody who reads it is root on every node. `k3s kubectl` takes it by itself. */
  adminKubeconfig: `${configuration}/k3s.yaml`,
  node: '/etc/rancher/node',
  nodePassword: '/etc/rancher/node/password',
  data,
  server,
  manifests: `${server}/manifests`,
  serverCa: `${server}/tls/server-ca.crt`,
  serverCaKey: `${server}/tls/server-ca.key`,
  /** A node's own credential, of its kubelet. */
  nodeKubeconfig: `${data}/agent/kubelet.kubeconfig`,
  /** Above all that k3s and its tools have: nobody else's. */
  roots: { configuration: '/etc/rancher', data: '/var/lib/rancher' },
} as const
