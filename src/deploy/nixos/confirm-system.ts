import { hasOperation } from '../../plan/operation.ts'
import { runStep, stagingOf } from '../host/host-deployment.ts'
import type { SystemDeployment } from '../nixos/system-deployment.ts'
import { switchFromHere } from './local-rebuild.ts'
import { bootScript, recordSystemScript, SWITCH_MS } from './scripts.ts'
import { localRebuildOf } from './system-deployment.ts'

/** Makes a system that is healthy the boot entry, and notes on the host what it was made from. */
export async function confirmSystem(deployment: SystemDeployment): Promise<void> {
  const { rendered, tree, plan } = deployment
  if (!hasOperation(plan.operations, 'switch-system')) return
  const isLocal = rendered.system.build.on !== 'target'
  const staging = stagingOf(deployment)
  if (isLocal) await switchFromHere('boot', localRebuildOf(deployment))
  const script = isLocal ? recordSystemScript(rendered, tree, staging) : bootScript(rendered, tree, staging)
  await runStep(deployment, 'activate', script, { timeoutMs: SWITCH_MS })
}
