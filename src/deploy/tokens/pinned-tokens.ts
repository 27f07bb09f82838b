import type { Fault } from '../../errors.ts'
import type { Sha256 } from '../../model/brands.ts'
import type { Cluster } from '../../model/cluster.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import { caHashOf } from '../../model/k3s/token.ts'
import type { HostPlan } from '../../plan/plan.ts'
import { handedOver } from './compare-script.ts'
import type { ReadSecret } from './credential-bytes.ts'

/**
 * The tokens of a plan that would let a host join a cluster under another CA, or under any: k3s only warns of a short
 * one (docs/k3s.md, Tokens), and an agent with a foreign hash waits for ever. keel finds them before it writes anything
 * anywhere.
 */
export async function unpinnedTokens(
  cluster: Cluster,
  plans: readonly HostPlan[],
  caHash: Sha256,
  readSecret: ReadSecret,
): Promise<readonly Fault[]> {
  const stored = new Set(plans.flatMap((plan) => [...handedOver(plan)]))
  const known = joinTokensOf(cluster.distribution)
  const tokens = known === undefined ? [] : [known.serverToken, known.agentToken].filter((name) => stored.has(name))
  const faults: Fault[] = []
  for (const name of tokens) {
    const hash = caHashOf(Buffer.from(await readSecret(name)).toString('latin1'))
    if (hash === caHash) continue
    faults.push({
      code: 'token-not-pinned',
      at: `secrets/${name}.age`,
      found: hash === undefined ? 'a token that names no CA' : 'a token of a cluster with another CA',
      why: 'with it a host cannot tell a fake server from the real one',
      todo: 'restore the old file from git; a token from elsewhere needs its CA certificate in secrets/server-ca.crt',
    })
  }
  return faults
}
