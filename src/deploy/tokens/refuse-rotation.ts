import { type Fault, KeelError } from '../../errors.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { Facts } from '../../probes/facts.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { compareScript, tokensAtRisk } from './compare-script.ts'
import { credentialBytes, type ReadSecret } from './credential-bytes.ts'

interface Planned {
  readonly host: Host
  readonly facts: Facts
  readonly rendered: Rendered
  readonly plan: HostPlan
  readonly transport: Transport
}

/** The tokens of this plan that k3s on the host was not started with: to deploy them would be a rotation. */
export async function rotationFaults(
  cluster: Cluster,
  { host, facts, rendered, plan, transport }: Planned,
  readSecret: ReadSecret,
  signal: AbortSignal,
): Promise<readonly Fault[]> {
  const tokens = tokensAtRisk(cluster, host, plan, rendered, facts)
  if (tokens.length === 0) return []
  const lines = await Promise.all(
    tokens.map(
      async ({ content }) => `${Buffer.from(await credentialBytes(content, readSecret)).toString('base64')}\n`,
    ),
  )
  const script = compareScript(cluster, rendered.places, tokens)
  const { exitCode, stdout } = await transport.run(script, {
    name: 'compare-tokens',
    input: Buffer.from(lines.join('')),
    signal,
  })
  if (exitCode !== 0)
    throw new KeelError({
      code: 'compare-failed',
      at: plan.host,
      found: `the comparison of tokens ended with ${exitCode}`,
    })
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('differs '))
    .map((line) => ({
      code: 'token-would-rotate',
      at: plan.host,
      found: `another value of ${line.slice('differs '.length)} than k3s was started with`,
      why: 'k3s refuses a token with which its datastore was not encrypted, and nodes that joined with the old token could not come back',
      todo: 'restore the old secrets/*.age from git',
    }))
}
