import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import { placePairScript } from '../../certify/scripts.ts'
import type { HostDeployment } from '../../deployment.ts'
import { runStep, stagingOf, tellDone } from '../../host/host-deployment.ts'

/** The keel-agent's first certificate and its key are in their place before the agent starts. */
export async function placeCertificate(deployment: HostDeployment): Promise<void> {
  const { kind, plan } = deployment
  const certify = operationsOf(plan.operations, 'certify')
  if (certify.length === 0) return
  // a NixOS host with the right system gets nothing else that could be staged
  const isStaged = kind === 'files' || hasOperation(plan.operations, 'switch-system')
  const { id, questions } = stagingOf(deployment)
  await runStep(deployment, 'activate', placePairScript(isStaged ? { id, questions } : { id }), {})
  tellDone(deployment, certify)
}
