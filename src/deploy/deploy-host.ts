import { createReadStream } from 'node:fs'
import type { LocalArtifact } from '../artifacts/artifact-cache.ts'
import type { Artifact } from '../desired/host-state.ts'
import { ExitCode, KeelError } from '../errors.ts'
import type { SecretName } from '../model/brands.ts'
import type { Seen } from '../plan/make-plan.ts'
import type { HostPlan } from '../plan/plan.ts'
import type { RunOptions, RunResult, Transport } from '../ssh/transport.ts'
import { activateScript } from './activate-script.ts'
import { credentialBytes, type ReadSecret } from './credential-bytes.ts'
import type { Emit } from './event.ts'
import { hostFailure, lostDuring } from './host-failure.ts'
import type { Redactor } from './redact.ts'
import { generationBytes, type Shipment, shipmentOf, stageScript } from './stage-script.ts'
import { questionsFor } from './survey.ts'
import { verifyScript } from './verify-script.ts'

/** What deploying a host needs from outside. */
export interface HostDeployment {
  readonly seen: Seen
  readonly plan: HostPlan
  readonly transport: Transport
  readonly readSecret: ReadSecret
  readonly localArtifact: (artifact: Artifact) => Promise<LocalArtifact>
  readonly redactor: Redactor
  readonly caHash?: string
  readonly patience: number
  readonly emit: Emit
  readonly signal: AbortSignal
  /** Called right before the first byte that changes the host is sent. */
  readonly onFirstByte?: () => void
}

/** Stages, activates and verifies one host. @throws KeelError naming the step that failed, what was done, and how to go on */
export async function deployHost(deployment: HostDeployment): Promise<void> {
  const changed = await stage(deployment)
  await activate(deployment, changed)
  await verify(deployment)
}

async function stage(deployment: HostDeployment): Promise<ReadonlySet<string>> {
  const { seen, plan, emit } = deployment
  emit({ event: 'phase', host: plan.host, phase: 'stage' })
  const local = new Map<string, LocalArtifact>()
  for (const artifact of seen.rendered.artifacts) {
    if (plan.operations.some(({ op }) => op === 'push-artifact'))
      local.set(artifact.path, await deployment.localArtifact(artifact))
  }
  const shipment = shipmentOf(plan, seen.rendered, ({ path }) => local.get(path)?.size ?? 0)
  const lines = await credentialLines(deployment, shipment)
  const script = stageScript(seen.rendered, questionsFor(seen.rendered), seen.facts.digest, shipment)
  deployment.onFirstByte?.()
  const { stdout } = await runStep(deployment, 'stage', script, { input: stream(lines, deployment, shipment, local) })
  return new Set(stdout.split('\n').flatMap((line) => (line.startsWith('changed ') ? [line.slice('changed '.length)] : [])))
}

async function credentialLines({ readSecret, redactor }: HostDeployment, { credentials }: Shipment): Promise<string> {
  const lines: string[] = []
  for (const { content } of credentials) {
    const bytes = await credentialBytes(content, readSecret)
    redactor.remember(bytes)
    lines.push(`${Buffer.from(bytes).toString('base64')}\n`)
  }
  return lines.join('')
}

async function* stream(
  lines: string,
  { seen }: HostDeployment,
  { artifacts }: Shipment,
  local: ReadonlyMap<string, LocalArtifact>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(lines)
  yield generationBytes(seen.rendered)
  for (const { path } of artifacts) {
    const file = local.get(path)?.file
    if (file !== undefined) yield* createReadStream(file, { highWaterMark: 1 << 18 })
  }
}

async function activate(deployment: HostDeployment, changed: ReadonlySet<string>): Promise<void> {
  const { seen, plan, emit } = deployment
  emit({ event: 'phase', host: plan.host, phase: 'activate' })
  for (const operation of plan.operations) emit({ event: 'operation', host: plan.host, operation })
  const placesCa = plan.operations.some(({ op }) => op === 'place-ca')
  const input =
    placesCa && seen.rendered.foundation !== undefined ? await caLines(deployment, seen.rendered.foundation) : undefined
  const script = activateScript(plan, seen.rendered, seen.sources, changed)
  await runStep(deployment, 'activate', script, input === undefined ? {} : { input })
}

async function caLines(
  { readSecret, redactor }: HostDeployment,
  { key, certificatePem }: { key: SecretName; certificatePem: string },
): Promise<Uint8Array> {
  const bytes = await readSecret(key)
  redactor.remember(bytes)
  return Buffer.from(`${Buffer.from(bytes).toString('base64')}\n${Buffer.from(certificatePem).toString('base64')}\n`)
}

async function verify(deployment: HostDeployment): Promise<void> {
  const { seen, plan, emit, caHash, patience, redactor } = deployment
  emit({ event: 'phase', host: plan.host, phase: 'verify' })
  const script = verifyScript({
    host: seen.host,
    unit: seen.rendered.unit,
    patience,
    ...(caHash === undefined ? {} : { caHash }),
  })
  await runStep(deployment, 'verify', script, {
    timeoutMs: (patience + 30) * 1000,
    onLine: (line) => emit({ event: 'progress', host: plan.host, text: redactor.clean(line) }),
  })
}

async function runStep(
  deployment: HostDeployment,
  phase: 'stage' | 'activate' | 'verify',
  script: string,
  options: RunOptions,
): Promise<RunResult> {
  const { transport, plan, redactor, signal } = deployment
  try {
    const result = await transport.run(script, { ...options, signal })
    if (result.exitCode === 0) return result
    throw hostFailure(plan.host, phase, {
      ...result,
      stdout: redactor.clean(result.stdout),
      stderr: redactor.clean(result.stderr),
    })
  } catch (error) {
    if (error instanceof KeelError && error.exit === ExitCode.Unreachable) throw lostDuring(plan.host, phase, error)
    throw error
  }
}
