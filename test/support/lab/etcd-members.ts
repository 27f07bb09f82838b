import type { LabHost } from './lab-host.ts'

interface Member {
  readonly name: string
  readonly isLearner?: boolean
}

/**
 * The members of the embedded etcd, from the etcd of one server, with the client certificate of k3s. Learners are not
 * members yet. The request runs on the server, because its firewall refuses others. etcd's gRPC gateway:
 * https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
 */
export async function etcdMembers(server: LabHost): Promise<readonly string[]> {
  const answer = await server.sh(`cd /var/lib/rancher/k3s/server/tls/etcd
printf 'POST /v3/cluster/member/list HTTP/1.0\\r\\nContent-Length: 2\\r\\n\\r\\n{}' |
  openssl s_client -quiet -connect 127.0.0.1:2379 -CAfile server-ca.crt -cert client.crt -key client.key 2>/dev/null`)
  const { members }: { members: readonly Member[] } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))
  // k3s names a member after its node, and adds a suffix
  return members
    .filter(({ isLearner }) => isLearner !== true)
    .map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ''))
    .toSorted()
}
