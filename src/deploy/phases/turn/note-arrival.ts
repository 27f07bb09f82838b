import { KeelError } from '../../../errors.ts'
import { serversOf } from '../../../model/servers-of.ts'
import { marksOf } from '../../../plan/api/plan-node.ts'
import { hasOperation } from '../../../plan/operation.ts'
import { isNew } from '../../../probes/distribution/is-new.ts'
import type { HostDeployment } from '../../deployment.ts'
import { noteMissingScript, noteScript } from '../../through/label-script.ts'

/**
 * Records on a server which labels and taints a Node that has just registered has from the inventory: later nobody
 * could tell them from others'. A deploy that was interrupted may not have come to that; then a record that is there stays.
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
  if (!hasMarks || !services.some(({ healthy }) => healthy.includes('node'))) return
  const hasArrived = isNew(host, facts) || hasOperation(plan.operations, 'drain-node')
  if (!hasArrived && !facts.generation.unconfirmed) return
  const script = hasArrived ? noteScript(access, node.name, owned) : noteMissingScript(access, node.name, owned)
  let said = 'no server is connected'
  const servers = serversOf(cluster).flatMap(({ name }) => transports.get(name) ?? [])
  // where the host has just arrived, at least one of them runs; otherwise a plan of all hosts tells what is not recorded
  if (servers.length === 0 && !hasArrived) return
  for (const server of servers) {
    const { exitCode, stderr } = await server.run(script, {
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
