import { bytesOf } from '../../artifacts/bytes-of.ts'
import type { LocalArtifact } from '../../artifacts/local-artifact.ts'
import { hasOperation, operationsOf } from '../../plan/operation.ts'
import { digestOf } from '../../probes/facts.ts'
import type { FilesDeployment } from '../files/files-deployment.ts'
import { runStep, stagingOf, tellDone } from '../host/host-deployment.ts'
import { credentialBytes } from '../tokens/credential-bytes.ts'
import { pushedArtifacts, type Shipment, shipmentOf } from './shipment.ts'
import { generationBytes, stageScript } from './stage-script.ts'

/** Milliseconds to receive everything except the artifacts; those may need a link of only 32 KB/s. */
const STAGE_MS = 10 * 60_000
const BYTES_PER_MS = 32

/** The credentials whose value is new to the host. */
export type ChangedValues = ReadonlySet<string>

/** Exec 2 where keel writes files. */
export async function stageFiles(deployment: FilesDeployment): Promise<ChangedValues> {
  const { rendered, facts, plan, emit } = deployment
  const sends = hasOperation(plan.operations, 'push-artifact', 'write-file', 'store-credential')
  emit({ event: 'phase', host: plan.host, phase: 'stage', ...(sends ? {} : { sends }) })
  const local = new Map<string, LocalArtifact>()
  for (const artifact of pushedArtifacts(plan, rendered))
    local.set(artifact.path, await deployment.localArtifact(artifact))
  const shipment = shipmentOf(plan, rendered, ({ path }) => local.get(path)?.size ?? 0)
  const lines = await credentialLines(deployment, shipment)
  const script = stageScript(rendered, stagingOf(deployment), digestOf(facts), shipment)
  deployment.onFirstByte?.()
  const { stdout } = await runStep(deployment, 'stage', script, {
    input: stream(lines, deployment, shipment, local),
    totalMs: STAGE_MS + sizeOf(shipment.artifacts) / BYTES_PER_MS,
  })
  emit({ event: 'phase', host: plan.host, phase: 'staged' })
  tellDone(deployment, operationsOf(plan.operations, 'push-artifact'))
  return new Set(
    stdout.split('\n').flatMap((line) => (line.startsWith('changed ') ? [line.slice('changed '.length)] : [])),
  )
}

function sizeOf(artifacts: Shipment['artifacts']): number {
  return artifacts.reduce((sum, { size }) => sum + size, 0)
}

async function credentialLines({ readSecret, redactor }: FilesDeployment, { credentials }: Shipment): Promise<string> {
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
  { rendered, plan, onSent }: FilesDeployment,
  { artifacts }: Shipment,
  local: ReadonlyMap<string, LocalArtifact>,
): AsyncGenerator<Uint8Array> {
  yield Buffer.from(lines)
  yield generationBytes(rendered)
  const total = sizeOf(artifacts)
  let sent = 0
  for (const { path } of artifacts)
    for await (const block of bytesOf(local.get(path)?.pieces ?? [])) {
      yield block
      // the next block is asked for once the connection has taken this one
      sent += block.length
      onSent?.({ host: plan.host, sent, total })
    }
}
