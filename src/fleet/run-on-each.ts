import { KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import type { RunOptions, RunResult } from '../ssh/transport.ts'
import type { Connect } from './connect.ts'
import { inParallel } from './in-parallel.ts'
import { targetOf } from './target-of.ts'

export interface EachOptions {
  readonly connect: Connect
  /** Hosts at once. */
  readonly parallel: number
  readonly run: (host: Host) => RunOptions
  /** Told of each host when it has ended. */
  readonly onEnd: (host: Host, result: RunResult | KeelError) => void
}

/** One script on many hosts: what one of them does, or does not, keeps it from no other. */
export async function runOnEach(
  hosts: readonly Host[],
  script: string,
  { connect, parallel, run, onEnd }: EachOptions,
): Promise<readonly (RunResult | KeelError)[]> {
  return inParallel(parallel, hosts, async (host) => {
    const result = await runOn(host, script, connect, run(host)).catch((error: unknown) => {
      if (error instanceof KeelError) return error
      throw error
    })
    onEnd(host, result)
    return result
  })
}

async function runOn(host: Host, script: string, connect: Connect, options: RunOptions): Promise<RunResult> {
  const transport = await connect(targetOf(host))
  try {
    return await transport.run(script, options)
  } finally {
    await transport.close()
  }
}
