import { type Fault, KeelError } from '../../errors.ts'
import type { Cluster } from '../../model/cluster.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { Rendered } from '../../targets/rendered.ts'
import { compareScript, placedSecrets } from './compare-script.ts'
import type { ReadSecret } from './credential-bytes.ts'

/**
 * The servers that run with another agent token than the inventory's. All must have been given the same one: an agent
 * joins only through those that know its token, and k3s says nothing of the others (docs/k3s.md, Tokens).
 */
export async function strayAgentTokens(
  cluster: Cluster,
  servers: readonly { readonly name: string; readonly rendered: Rendered; readonly transport: Transport }[],
  readSecret: ReadSecret,
  signal: AbortSignal,
): Promise<readonly Fault[]> {
  const name = joinTokensOf(cluster.distribution)?.agentToken
  if (name === undefined) return []
  const line = `${Buffer.from(await readSecret(name)).toString('base64')}\n`
  const strays = servers.map(async (server): Promise<Fault[]> => {
    const token = placedSecrets(server.rendered).filter(({ id }) => id === name)
    const script = compareScript(cluster, server.rendered.places, token)
    const { exitCode, stdout } = await server.transport.run(script, {
      name: 'compare-tokens',
      input: Buffer.from(line),
      signal,
    })
    if (exitCode !== 0)
      throw new KeelError({
        code: 'compare-failed',
        at: server.name,
        found: `the comparison of tokens ended with ${exitCode}`,
      })
    if (!stdout.includes('differs ')) return []
    return [
      {
        code: 'agent-token-differs',
        at: server.name,
        found: `k3s runs with another agent token than ${name}`,
        why: 'agents could join through some servers and not through others',
        todo: `restart k3s on ${server.name}; if it still has the other token afterwards, restore the old secrets/${name}.age from git`,
      },
    ]
  })
  return (await Promise.all(strays)).flat()
}
