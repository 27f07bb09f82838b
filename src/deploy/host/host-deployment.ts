import type { LocalArtifact } from '../../artifacts/local-artifact.ts'
import { ExitCode, KeelError } from '../../errors.ts'
import { questionsFor } from '../../fleet/survey.ts'
import type { Cluster, Host } from '../../model/cluster.ts'
import type { Operation } from '../../plan/operation.ts'
import type { HostPlan } from '../../plan/plan.ts'
import type { Facts } from '../../probes/facts.ts'
import type { RunOptions, RunResult, Transport } from '../../ssh/transport.ts'
import type { PlacedArtifact, Rendered } from '../../targets/rendered.ts'
import type { Certifier } from '../certifier.ts'
import type { Emit, Sent } from '../event.ts'
import type { Redactor } from '../redact.ts'
import type { ReadSecret } from '../tokens/credential-bytes.ts'
import { hostFailure, lostDuring } from './host-failure.ts'
import type { Staging } from './host-script.ts'

/** What deploying a host needs from outside, whatever its system. */
export interface AnyDeployment {
  readonly cluster: Cluster
  readonly host: Host
  readonly rendered: Rendered
  readonly facts: Facts
  readonly plan: HostPlan
  readonly transport: Transport
  /** By host: the connections over which something may have to be done for this one. */
  readonly transports: ReadonlyMap<string, Transport>
  readonly readSecret: ReadSecret
  readonly certifier: Certifier
  readonly localArtifact: (artifact: PlacedArtifact) => Promise<LocalArtifact>
  readonly redactor: Redactor
  readonly caHash?: string
  readonly patience: number
  /** Names what this run of keel stages, on every host. */
  readonly stagingId: string
  readonly emit: Emit
  readonly signal: AbortSignal
  readonly onSent?: (sent: Sent) => void
  /** Called right before the first byte that changes the host is sent. */
  readonly onFirstByte?: () => void
}

export function stagingOf({ rendered, stagingId }: Pick<AnyDeployment, 'rendered' | 'stagingId'>): Staging {
  return { id: stagingId, questions: questionsFor(rendered) }
}

/** Tells what has been done of a host's plan. */
export function tellDone({ plan, emit }: Pick<AnyDeployment, 'plan' | 'emit'>, operations: readonly Operation[]): void {
  for (const operation of operations) emit({ event: 'operation', host: plan.host, operation })
}

/**
 * Runs one of keel's scripts on the host.
 * @throws KeelError naming the step that failed, what was done, and how to go on
 */
export async function runStep(
  deployment: AnyDeployment,
  phase: 'stage' | 'activate' | 'verify',
  script: string,
  options: RunOptions,
): Promise<RunResult> {
  const { transport, plan, rendered, redactor, signal } = deployment
  try {
    const result = await transport.run(script, { name: phase, ...options, signal })
    if (result.exitCode === 0) return result
    throw hostFailure(rendered, phase, {
      ...result,
      stdout: redactor.clean(result.stdout),
      stderr: redactor.clean(result.stderr),
    })
  } catch (error) {
    if (error instanceof KeelError && error.exit === ExitCode.Unreachable) throw lostDuring(plan.host, phase, error)
    throw error
  }
}
