import { request } from 'node:https'
import type { LabHost } from './lab-host.ts'

interface Member {
  readonly name: string
  readonly isLearner?: boolean
}

/** The members of the embedded etcd as a server's own etcd tells them, with the client certificate that k3s made; learners are no members yet. */
export async function etcdMembers(server: LabHost): Promise<readonly string[]> {
  const tls = '/var/lib/rancher/k3s/server/tls/etcd'
  const [ca, cert, key] = await Promise.all(
    ['server-ca.crt', 'client.crt', 'client.key'].map((file) => server.sh(`cat ${tls}/${file}`)),
  )
  const answer = await new Promise<string>((resolve, reject) => {
    // etcd's gRPC gateway: https://etcd.io/docs/v3.6/dev-guide/api_grpc_gateway/
    const call = request(
      `https://${server.described.nodeIP}:2379/v3/cluster/member/list`,
      { method: 'POST', ca, cert, key, timeout: 10_000 },
      (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => resolve(text))
      },
    )
    call.on('error', reject)
    call.end('{}')
  })
  const { members }: { members: readonly Member[] } = JSON.parse(answer)
  // k3s names a member after its node, with a suffix of its own
  return members
    .filter(({ isLearner }) => isLearner !== true)
    .map(({ name }) => name.replace(/-[0-9a-f]{8}$/, ''))
    .toSorted()
}
