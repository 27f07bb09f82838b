import { KeelError } from '../../../errors.ts'
import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { tellDone } from '../../host/host-deployment.ts'
import { runOnApi } from '../../through/api-run.ts'
import { dropPodsScript } from '../../through/drain-script.ts'
import { forgetScript } from '../../through/forget-script.ts'

/**
 * Deletes what an earlier machine of this name has left in the cluster: its Node, node password and etcd member. Last
 * thing before the new machine comes: until here the cluster is as it was.
 * @throws KeelError `forget-node`
 */
export async function forgetEarlierMachine(deployment: HostDeployment): Promise<void> {
  const { host, rendered, plan, transports, patience, signal } = deployment
  for (const operation of operationsOf(plan.operations, 'forget-node')) {
    const server = transports.get(operation.through)
    const forget = forgetScript(rendered.access, operation.node, host.nodeIPs)
    const isDrained = hasOperation(plan.operations, 'drain-node')
    const script = isDrained ? `set -e\n(${forget})\n${dropPodsScript(rendered.access, operation.node)}` : forget
    const result = server && (await runOnApi(server, script, { name: 'forget-node', patience, signal }))
    if (result?.exitCode !== 0)
      throw new KeelError({
        code: 'forget-node',
        at: operation.through,
        found: `Node ${operation.node} and its etcd member could not be removed: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
        why: 'the cluster refuses a machine with the name of an earlier one',
        todo: `\`${rendered.access.kubectl.join(' ')} delete node ${operation.node}\` on ${operation.through}, then \`keel deploy ${plan.host}${isDrained ? ' --drain' : ''}\``,
      })
    tellDone(deployment, [operation])
  }
}
