import type { SecretName } from '../../model/brands.ts'
import { hasOperation } from '../../plan/operation.ts'
import type { FilesDeployment } from '../files/files-deployment.ts'
import { runStep, stagingOf, tellDone } from '../host/host-deployment.ts'
import { activateScript } from './activate-script.ts'
import { operationsOnHost } from './operations-on-host.ts'
import type { ChangedValues } from './stage-files.ts'

/** Milliseconds to put files in place and to order restarts; nothing is waited for. */
const ACTIVATE_MS = 10 * 60_000

/** Exec 3 where keel writes files. */
export async function activateFiles(deployment: FilesDeployment, changed: ChangedValues): Promise<void> {
  const { plan, rendered, sources } = deployment
  const placesCa = hasOperation(plan.operations, 'place-ca')
  const input = placesCa && rendered.foundation !== undefined ? await caLines(deployment, rendered.foundation) : undefined
  const script = activateScript({ plan, rendered, sources, staging: stagingOf(deployment), changed })
  await runStep(deployment, 'activate', script, { totalMs: ACTIVATE_MS, ...(input === undefined ? {} : { input }) })
  tellDone(deployment, operationsOnHost(plan, rendered, changed))
}

async function caLines(
  { readSecret, redactor }: FilesDeployment,
  { key, certificatePem }: { key: SecretName; certificatePem: string },
): Promise<Uint8Array> {
  const bytes = await readSecret(key)
  redactor.remember(bytes)
  return Buffer.from(`${Buffer.from(bytes).toString('base64')}\n${Buffer.from(certificatePem).toString('base64')}\n`)
}
