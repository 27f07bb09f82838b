import { KeelError } from '../../../errors.ts'
import { operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { tellDone } from '../../host/host-deployment.ts'
import { runOnApi } from '../../through/api-run.ts'
import { labelScript } from '../../through/label-script.ts'

/**
 * Changes the labels and taints of the host's Node. Before the host's own files change: they and the Node's note say
 * what an earlier inventory gave it.
 * @throws KeelError `label-node`
 */
export async function labelNode(deployment: HostDeployment): Promise<void> {
  const { rendered, plan, transports, patience, signal } = deployment
  for (const operation of operationsOf(plan.operations, 'label-node')) {
    const server = transports.get(operation.through)
    const result =
      server &&
      (await runOnApi(server, labelScript(rendered.access, operation), { name: 'label-node', patience, signal }))
    if (result?.exitCode !== 0)
      throw new KeelError({
        code: 'label-node',
        at: operation.through,
        found: `keel could not set the labels and taints of Node ${operation.node}: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
        why: 'k3s sets them only when a Node registers; later changes need the API',
        todo: `look at k3s on ${operation.through}, then \`keel deploy ${plan.host}\``,
      })
    tellDone(deployment, [operation])
  }
}
