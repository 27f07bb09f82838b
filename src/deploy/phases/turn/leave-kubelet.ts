import { operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { runStep, stagingOf, tellDone } from '../../host/host-deployment.ts'
import { leaveScript } from '../../host/leave-script.ts'

/** Milliseconds: Pods of DaemonSets get the time that they ask for, and a package may be in the middle of its installation. */
const LEAVE_MS = 10 * 60_000

/** Before the Node is deleted: a kubelet that runs would register it again. */
export async function leaveKubelet(deployment: HostDeployment): Promise<void> {
  const { plan, rendered } = deployment
  for (const operation of operationsOf(plan.operations, 'leave-kubelet')) {
    const script = leaveScript(operation, rendered, stagingOf(deployment))
    await runStep(deployment, 'activate', script, { timeoutMs: LEAVE_MS, totalMs: LEAVE_MS })
    tellDone(deployment, [operation])
  }
}
