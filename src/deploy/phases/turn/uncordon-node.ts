import { KeelError } from '../../../errors.ts'
import { operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { tellDone } from '../../host/host-deployment.ts'
import { runOnApi } from '../../through/api-run.ts'
import { uncordonScript } from '../../through/drain-script.ts'

/**
 * Lets Pods come to a Node again that an interrupted deploy had cordoned, once its host is healthy.
 * @throws KeelError `uncordon-node`
 */
export async function uncordonNode(deployment: HostDeployment): Promise<void> {
  const { rendered, plan, transports, patience, signal } = deployment
  for (const operation of operationsOf(plan.operations, 'uncordon-node')) {
    const server = transports.get(operation.through)
    const script = uncordonScript(rendered.access, operation.node)
    const result = server && (await runOnApi(server, script, { name: 'uncordon-node', patience, signal }))
    if (result?.exitCode !== 0)
      throw new KeelError({
        code: 'uncordon-node',
        at: operation.through,
        found: `keel could not uncordon Node ${operation.node}: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
        why: 'an interrupted deploy had cordoned it, and no new Pod comes to it until then; the host itself is healthy',
        todo: `look at k3s on ${operation.through}, then \`keel deploy ${plan.host}\``,
      })
    tellDone(deployment, [operation])
  }
}
