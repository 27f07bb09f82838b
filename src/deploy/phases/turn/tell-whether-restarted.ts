import { hasOperation, operationsOf } from '../../../plan/operation.ts'
import type { HostDeployment } from '../../deployment.ts'
import { operationsOnHost } from '../../files/operations-on-host.ts'
import type { ChangedValues } from '../../files/stage-files.ts'

/** Said once it is so. A NixOS system restarts by itself what differs in it. */
export async function tellWhetherRestarted(deployment: HostDeployment, changed: ChangedValues): Promise<void> {
  // the event is k3s's: what other services do is among the operations
  if (deployment.kind === 'system' || deployment.rendered.distribution !== 'k3s') return
  const { plan, rendered, emit } = deployment
  const { host, operations } = plan
  const restarts = hasOperation(operationsOnHost(plan, rendered, changed), 'restart-unit')
  const did = hasOperation(operations, 'start-unit') ? 'started' : restarts ? 'restarted' : 'not-restarted'
  const stored = operationsOf(operations, 'store-credential').map(({ id }) => id)
  emit({ event: 'k3s', host, did, stored: did === 'not-restarted' ? stored : [] })
}
