import type { Access } from '../../../model/distribution/access.ts'
import type { Past } from '../../../model/distribution/past.ts'
import type { Places } from '../../../model/distribution/places.ts'
import { k3sPaths } from '../../../model/k3s/paths.ts'

const clientCa = `${k3sPaths.server}/tls/client-ca`
const nodeFiles = `${k3sPaths.data}/agent`
const etcdKeys = `${k3sPaths.server}/tls/etcd`

export const k3sAccess: Access = {
  kubectl: ['k3s', 'kubectl'],
  admin: k3sPaths.adminKubeconfig,
  node: k3sPaths.nodeKubeconfig,
  kubelet: {
    certificate: `${nodeFiles}/client-kubelet.crt`,
    key: `${nodeFiles}/client-kubelet.key`,
    ca: `${nodeFiles}/server-ca.crt`,
  },
  hidden: [
    { path: '/var/lib/kubelet', mode: '0750' },
    { path: k3sPaths.server, mode: '0700', onlyOn: 'server' },
  ],
  ca: k3sPaths.serverCa,
  clientCa: { certificate: `${clientCa}.crt`, key: `${clientCa}.key` },
  etcd: {
    data: `${k3sPaths.server}/db/etcd`,
    ca: `${etcdKeys}/server-ca.crt`,
    certificate: `${etcdKeys}/client.crt`,
    key: `${etcdKeys}/client.key`,
    // docs/k3s.md, Nodes
    health: { host: '127.0.0.1', port: '2381' },
    gateways: ['127.0.0.1:2382', '127.0.0.1:2379', '[::1]:2382'],
    memberSuffix: '-[0-9a-f]{8}',
  },
}

const { configuration, config, configParts, data, server, nodePassword } = k3sPaths

export const k3sPlaces: Places = {
  configuration,
  config,
  configParts,
  data,
  server,
  // docs/k3s.md, Tokens, Files
  tokens: { server: `${server}/token`, agent: `${server}/agent-token` },
  certificates: [`${server}/tls`, etcdKeys, nodeFiles],
  nodePassword,
}

/** docs/k3s.md, Files: a server's datastore, and the credential that a node gets when it joins. */
export const k3sPast: Past = {
  server: `${k3sPaths.server}/db`,
  agent: k3sPaths.nodeKubeconfig,
  serverCa: k3sPaths.serverCa,
  agentCa: k3sAccess.kubelet.ca,
  version: { command: ['k3s', '--version'], says: 'k3s version' },
}
