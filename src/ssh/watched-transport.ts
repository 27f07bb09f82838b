import { KeelError } from '../errors.ts'
import type { Transport } from './transport.ts'

/** Who hears of each script that hosts run. */
export interface ScriptWatcher {
  /** @param text the script, never what it reads on its stdin */
  begins(host: string, script: string, text: string): void
  /** `status`: its exit status. `fault`: the code of the error that ended it. */
  ended(run: {
    readonly host: string
    readonly script: string
    readonly seconds: number
    readonly status?: number
    readonly fault?: string
  }): void
}

/** The same connection; the watcher hears of its scripts. */
export function watched(transport: Transport, watcher: ScriptWatcher): Transport {
  const host = transport.target.name
  return {
    target: transport.target,
    close: () => transport.close(),
    async run(text, options) {
      const script = options?.name ?? 'script'
      watcher.begins(host, script, text)
      const began = performance.now()
      const ended = (how: { status: number } | { fault: string }) =>
        watcher.ended({ host, script, seconds: Math.round(performance.now() - began) / 1000, ...how })
      try {
        const result = await transport.run(text, options)
        ended({ status: result.exitCode })
        return result
      } catch (error) {
        ended({ fault: error instanceof KeelError ? error.code : 'aborted' })
        throw error
      }
    },
  }
}
