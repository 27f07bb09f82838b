import { KeelError } from '../../errors.ts'
import type { RunResult, Transport } from '../../ssh/transport.ts'

export interface ApiWait {
  /** What the script does. */
  readonly name: string
  /** Seconds that keel waits for the API, as `--patience` says. */
  readonly patience: number
  readonly signal: AbortSignal
  /** What the script reads. */
  readonly input?: Uint8Array
}

/** What kubectl says of an API server that it does not reach, or that does not answer in time. */
const silent =
  /Unable to connect to the server|was refused|i\/o timeout|deadline exceeded|TLS handshake timeout|request canceled|\(Timeout\)|ServiceUnavailable/

/**
 * Runs a script that asks the API through a server.
 * @throws KeelError `api-silent` where the API does not answer, or the script does not end in time
 */
export async function runOnApi(
  transport: Transport,
  script: string,
  { name, patience, signal, input }: ApiWait,
): Promise<RunResult> {
  const timeoutMs = patience * 1000
  const at = transport.target.name
  const result = await transport
    .run(script, { name, timeoutMs, totalMs: timeoutMs, signal, ...(input === undefined ? {} : { input }) })
    .catch((error: unknown) => {
      if (error instanceof KeelError && error.code === 'ssh-timeout')
        throw apiSilent(at, `no end within ${patience} s`, error)
      throw error
    })
  const said = result.stderr.trim().split('\n').at(-1) ?? ''
  if (result.exitCode !== 0 && silent.test(said)) throw apiSilent(at, said)
  return result
}

function apiSilent(at: string, said: string, cause?: unknown): KeelError {
  return new KeelError({
    code: 'api-silent',
    at,
    found: `its API server does not answer: ${said}`,
    why: 'the API does not answer without a majority of servers, or while k3s starts',
    todo: `look at k3s on ${at} and on the other servers, then deploy again; --patience gives it more time`,
    cause,
  })
}
