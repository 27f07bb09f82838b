import { hasOperation } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { runStep, stagingOf } from '../../host/host-deployment.ts'
import { stillStagedScript } from '../../host/host-script.ts'

/**
 * Before the first thing that is done elsewhere for a host, which its own activation would refuse only after it.
 * @throws KeelError `changed-meanwhile`
 */
export async function refuseOvertaken(deployment: HostDeployment): Promise<void> {
  const { kind, plan } = deployment
  // a NixOS host with the right system gets nothing that could be staged
  const isStaged = kind === 'files' || hasOperation(plan.operations, 'switch-system')
  if (isStaged && hasOperation(plan.operations, 'drain-node', 'forget-node', 'label-node'))
    await seeStillStaged(deployment)
}

/**
 * Before a system is switched to from here: scripts that run on the host ask by themselves.
 * @throws KeelError `changed-meanwhile`
 */
export async function refuseOvertakenFromHere(deployment: HostDeployment): Promise<void> {
  if (deployment.kind !== 'system' || !hasOperation(deployment.plan.operations, 'switch-system')) return
  if (deployment.rendered.system.build.on !== 'target') await seeStillStaged(deployment)
}

async function seeStillStaged(deployment: HostDeployment): Promise<void> {
  await runStep(deployment, 'activate', stillStagedScript(stagingOf(deployment)), {})
}
