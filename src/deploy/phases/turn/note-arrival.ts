import { KeelError } from '../../../errors.ts'
import { serversOf } from '../../../model/servers-of.ts'
import { marksOf } from '../../../plan/api/plan-node.ts'
import { hasOperation } from '../../../plan/operation.ts'
import { isNew } from '../../../probes/distribution/is-new.ts'
import type { HostDeployment } from '../../deployment.ts'
import { noteScript } from '../../through/label-script.ts'

/**
 * Records on a server which labels and taints a Node that has just registered has from the inventory: later nobody
 * could tell them from others'.
 * @throws KeelError `label-node`
 */
export async function noteArrival({
  cluster,
  host,
  facts,
  rendered: { access, node, services },
  plan,
  transports,
  signal,
}: HostDeployment): Promise<void> {
  const owned = marksOf(node)
  const hasMarks = owned.labels.length + owned.taints.length > 0
  // a host without a kubelet registers no Node
  const isDrained = hasOperation(plan.operations, 'drain-node')
  if (!(isNew(host, facts) || isDrained) || !services.some(({ healthy }) => healthy.includes('node')) || !hasMarks)
    return
  let said = 'no server is connected'
  // at least one of them runs by now
  const servers = serversOf(cluster).flatMap(({ name }) => transports.get(name) ?? [])
  for (const server of servers) {
    const { exitCode, stderr } = await server.run(noteScript(access, node.name, owned), {
      name: 'note-arrival',
      timeoutMs: 120_000,
      signal,
    })
    if (exitCode === 0) return
    said = `${server.target.name}: ${stderr.trim().split('\n').at(-1)}`
  }
  throw new KeelError({
    code: 'label-node',
    at: host.name,
    found: `the cluster has no record of this Node's labels and taints (${said})`,
    why: 'keel removes from a Node only what the record contains; the host itself is healthy',
    todo: `when the API of a server answers, run \`keel deploy\` to write the record`,
  })
}
