import { KeelError } from '../../../errors.ts'
import { operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { tellDone } from '../../host/host-deployment.ts'
import { runOnApi } from '../../through/api-run.ts'
import { drainScript, whyNotDrained } from '../../through/drain-script.ts'

/** Seconds that kubectl gets to say why, once its own time is over. */
const TO_SAY_WHY = 30

/**
 * Evicts all Pods of the host's Node, and lets no other come. A Node that still has Pods when the time is over takes Pods
 * again.
 * @throws KeelError `drain-node`
 */
export async function drainNode(deployment: HostDeployment): Promise<void> {
  const { rendered, plan, transports, patience, stagingId, signal } = deployment
  for (const operation of operationsOf(plan.operations, 'drain-node')) {
    const { node, through } = operation
    const server = transports.get(through)
    const result =
      server &&
      (await runOnApi(server, drainScript(rendered.access, { node, by: stagingId, seconds: patience }), {
        name: 'drain-node',
        patience: patience + TO_SAY_WHY,
        signal,
      }))
    if (result?.exitCode !== 0)
      throw new KeelError({
        code: 'drain-node',
        at: through,
        found: `keel could not drain Node ${node}: ${result === undefined ? 'no connection' : whyNotDrained(result.stderr, patience)}`,
        why: 'its Pods run until their Node is empty; the host is as it was, and takes Pods again',
        todo: `delete or move these Pods yourself, or give them more time with --patience, then \`keel deploy ${plan.host} --drain\``,
      })
    tellDone(deployment, [operation])
  }
}
