import { hasOperation, hostOperations, operationsOf } from '../../plan/operation.ts'
import { runStep, stagingOf, tellDone } from '../host/host-deployment.ts'
import type { SystemDeployment } from '../nixos/system-deployment.ts'
import { switchFromHere } from './local-rebuild.ts'
import { SWITCH_MS, startScript, testedScript, testScript } from './scripts.ts'
import { localRebuildOf } from './system-deployment.ts'

/**
 * Exec 3 on a NixOS host: the built system is activated as a test, so that a reboot returns to the previous one. If the
 * system is already current, it starts services that do not run.
 */
export async function activateSystem(deployment: SystemDeployment): Promise<void> {
  const { rendered, plan } = deployment
  if (!hasOperation(plan.operations, 'switch-system')) {
    const script = startScript(plan.operations)
    if (script !== undefined) await runStep(deployment, 'activate', script, {})
    return tellDone(deployment, hostOperations(plan.operations))
  }
  const isLocal = rendered.system.build.on !== 'target'
  const staging = stagingOf(deployment)
  if (isLocal) await switchFromHere('test', localRebuildOf(deployment))
  await runStep(deployment, 'activate', isLocal ? testedScript(staging) : testScript(rendered, staging), {
    timeoutMs: SWITCH_MS,
  })
  tellDone(deployment, operationsOf(plan.operations, 'switch-system'))
}
