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
  return {
    target: transport.target,
    close: () => transport.close(),
    run: (text, options) =>
      watchScript(
        watcher,
        { host: transport.target.name, script: options?.name ?? 'script', text },
        () => transport.run(text, options),
        ({ exitCode }) => ({ status: exitCode }),
      ),
  }
}

interface Watched {
  readonly host: string
  /** Its name. */
  readonly script: string
  readonly text: string
}

/** Tells the watcher of one script. @param how what `run` answers with says of its end */
export async function watchScript<Result>(
  watcher: ScriptWatcher,
  { host, script, text }: Watched,
  run: () => Promise<Result>,
  how: (result: Result) => { readonly status: number } | { readonly fault: string },
): Promise<Result> {
  watcher.begins(host, script, text)
  const began = performance.now()
  const ended = (end: ReturnType<typeof how>) =>
    watcher.ended({ host, script, seconds: Math.round(performance.now() - began) / 1000, ...end })
  try {
    const result = await run()
    ended(how(result))
    return result
  } catch (error) {
    ended({ fault: error instanceof KeelError ? error.code : 'aborted' })
    throw error
  }
}
