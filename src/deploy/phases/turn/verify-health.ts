import { KeelError } from '../../../errors.ts'
import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import { nodeAddressFault } from '../../../plan/refusals/node-address.ts'
import type { HostDeployment } from '../../deployment.ts'
import { runStep, tellDone } from '../../host/host-deployment.ts'
import { addressesOfNode, verifyScript } from '../../host/verify-script.ts'

/** Seconds: an upgrade fetches images, and restarts a control plane part after part. kubeadm has limits of its own. */
const UPGRADE_PATIENCE = 900

/**
 * The watch: until k3s is healthy, and the Node has the addresses that the others' firewalls let in.
 * @throws KeelError `unhealthy`, `node-address`
 */
export async function verifyHealth(deployment: HostDeployment): Promise<void> {
  const { cluster, host, rendered, plan, emit, caHash, redactor } = deployment
  const isUpgraded = hasOperation(plan.operations, 'upgrade-node')
  const patience = isUpgraded ? Math.max(deployment.patience, UPGRADE_PATIENCE) : deployment.patience
  emit({ event: 'phase', host: plan.host, phase: 'verify' })
  const script = verifyScript({
    rendered,
    patience,
    // only k3s tells its CA to everybody
    ...(caHash === undefined || rendered.distribution !== 'k3s' ? {} : { caHash }),
  })
  const { stdout } = await runStep(deployment, 'verify', script, {
    timeoutMs: (patience + 30) * 1000,
    onLine: (line) => emit({ event: 'progress', host: plan.host, text: redactor.clean(line) }),
  })
  const fault = nodeAddressFault(cluster, host, addressesOfNode(stdout))
  if (fault !== undefined) throw new KeelError(fault)
  tellDone(deployment, operationsOf(plan.operations, 'finish-deploy'))
}
