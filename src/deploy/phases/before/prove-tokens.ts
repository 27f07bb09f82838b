import { ExitCode, FaultsError } from '../../../errors.ts'
import type { Deployment } from '../../deployment.ts'
import { unpinnedTokens } from '../../tokens/pinned-tokens.ts'
import { rotationFaults } from '../../tokens/refuse-rotation.ts'

/**
 * Each token that is handed over names the cluster's CA, and is the one that k3s was started with.
 * @throws FaultsError for one that is not
 */
export async function proveTokens({ planned, cluster, hosts, readSecret, signal }: Deployment): Promise<void> {
  const { plan, caHash } = planned
  const faults = [
    ...(caHash === undefined ? [] : await unpinnedTokens(cluster, plan.hosts, caHash, readSecret)),
    ...(await Promise.all(hosts.map((host) => rotationFaults(cluster, host, readSecret, signal)))).flat(),
  ]
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Failed)
}
