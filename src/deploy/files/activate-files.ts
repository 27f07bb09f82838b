import type { FilesDeployment } from '../files/files-deployment.ts'
import { runStep, stagingOf, tellDone } from '../host/host-deployment.ts'
import { activateScript } from './activate-script.ts'
import { stepInput, stepsDue } from './once-steps.ts'
import { operationsOnHost } from './operations-on-host.ts'
import type { ChangedValues } from './stage-files.ts'

/** Milliseconds to put files in place and to order restarts; nothing is waited for. */
const ACTIVATE_MS = 10 * 60_000

/** Exec 3 where keel writes files. */
export async function activateFiles(deployment: FilesDeployment, changed: ChangedValues): Promise<void> {
  const { plan, rendered, sources } = deployment
  const lines: string[] = []
  for (const step of stepsDue(deployment)) lines.push(await stepInput(step, deployment))
  const script = activateScript({ plan, rendered, sources, staging: stagingOf(deployment), changed })
  await runStep(deployment, 'activate', script, {
    totalMs: ACTIVATE_MS,
    ...(lines.length === 0 ? {} : { input: Buffer.from(lines.join('')) }),
  })
  tellDone(deployment, operationsOnHost(plan, rendered, changed))
}
