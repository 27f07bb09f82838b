import { KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import type { RunOptions, RunResult } from '../ssh/transport.ts'
import { type Connect, withConnection } from './connect.ts'
import { inParallel } from './in-parallel.ts'
import { targetOf } from './target-of.ts'

export interface EachOptions {
  readonly connect: Connect
  /** Hosts at once. */
  readonly parallel: number
  readonly run: RunOptions
  /** Told of each host when it has ended. */
  readonly onEnd: (host: Host, result: RunResult | KeelError) => void
}

/** One script on many hosts: what one of them does, or does not, keeps it from no other. */
export async function runOnEach(
  hosts: readonly Host[],
  script: string,
  { connect, parallel, run, onEnd }: EachOptions,
): Promise<readonly (RunResult | KeelError)[]> {
  const onOne = async (host: Host) => withConnection(connect, targetOf(host), (transport) => transport.run(script, run))
  return inParallel(parallel, hosts, async (host) => {
    const result = await onOne(host).catch((error: unknown) => {
      if (error instanceof KeelError) return error
      throw error
    })
    onEnd(host, result)
    return result
  })
}
