import { ExitCode, FaultsError } from '../../../errors.ts'
import type { Deployment } from '../../deployment.ts'
import { strayAgentTokens } from '../../tokens/agent-tokens.ts'

/** Servers that were changed run with the inventory's agent token by now. @throws FaultsError `agent-token-differs` */
export async function refuseStrayTokens({ hosts, cluster, readSecret, signal }: Deployment): Promise<void> {
  const servers = hosts
    .filter(({ plan }) => plan.role === 'server' && plan.operations.length > 0)
    .map(({ plan, rendered, transport }) => ({ name: plan.host, rendered, transport }))
  const strays = servers.length === 0 ? [] : await strayAgentTokens(cluster, servers, readSecret, signal)
  if (strays.length > 0) throw new FaultsError(strays, ExitCode.Failed)
}
