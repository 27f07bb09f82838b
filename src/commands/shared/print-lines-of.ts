import { ExitCode } from '../../errors.ts'
import { inParallel } from '../../fleet/in-parallel.ts'
import type { Host } from '../../model/cluster.ts'
import type { Io } from './command.ts'
import type { ConnectInput } from './connector.ts'
import { runAttached } from './run-attached.ts'

/** Hosts at once, where one is printed after the other. */
const PARALLEL = 20

interface Lines {
  readonly script: { readonly name: string; readonly text: string }
  /** True: it goes on until a signal ends it, so lines of all hosts come as they are printed. */
  readonly endless: boolean
}

/**
 * Runs a script on several hosts at once and prints its lines, each with the name of its host.
 * @returns 6 if there was no connection to a host, 1 if the script failed on one
 */
export async function printLinesOf(
  hosts: readonly Host[],
  { script, endless }: Lines,
  input: ConnectInput,
  io: Io,
): Promise<ExitCode> {
  const failed = new AbortController()
  const signal = AbortSignal.any([io.signal, failed.signal])
  const turns = endless ? undefined : new Turns()
  const statuses = await inParallel(endless ? hosts.length : PARALLEL, hosts, async (host) => {
    const turn = turns?.next()
    try {
      const status = await runAttached(
        host,
        {
          script,
          interactive: false,
          asksNothing: true,
          signal,
          onLine: async (line, from) => {
            await turn?.begins
            signal.throwIfAborted()
            printLine(io, `${host.name}: ${line}`, from)
          },
        },
        input,
        io,
      )
      await turn?.begins
      if (status === undefined) io.complain(`${host.name}: no connection`)
      return status
    } catch (error) {
      failed.abort(error)
      throw error
    } finally {
      turn?.end()
    }
  })
  if (statuses.includes(undefined)) return ExitCode.Unreachable
  return statuses.every((status) => status === 0) ? ExitCode.Done : ExitCode.Failed
}

/** A line of a program on a host. */
export function printLine(io: Io, line: string, from: 'stdout' | 'stderr'): void {
  if (from === 'stdout') io.print(line)
  else io.note(line)
}

/** Each turn begins when the one before has ended. */
class Turns {
  #last: Promise<void> = Promise.resolve()

  next(): { readonly begins: Promise<void>; readonly end: () => void } {
    const begins = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    return { begins, end: resolve }
  }
}
