import { ExitCode, KeelError } from '../../errors.ts'
import { runStep, type SystemDeployment, stagingOf } from '../host-deployment.ts'
import { stillStagedScript } from '../host-script.ts'
import { switchFromHere } from './local-rebuild.ts'
import { localRebuildOf } from './of-deployment.ts'
import { backScript, bootScript, recordSystemScript, startScript, testedScript, testScript } from './scripts.ts'

const SWITCH_MS = 20 * 60_000

/**
 * Activates what was built as a test, has it watched, and makes it the boot entry once it is healthy.
 * @param verify throws where the host does not become healthy
 * @throws KeelError `rolled-back` (exit 4): the host runs what it ran before
 */
export async function switchSystem(deployment: SystemDeployment, verify: () => Promise<void>): Promise<void> {
  const { rendered, tree, plan } = deployment
  if (!plan.operations.some(({ op }) => op === 'switch-system')) {
    const script = startScript(plan.operations)
    if (script !== undefined) await runStep(deployment, 'activate', script, {})
    return verify()
  }
  const isLocal = rendered.system.build.on !== 'target'
  const staging = stagingOf(deployment)
  if (isLocal) await runStep(deployment, 'activate', stillStagedScript(staging), {})
  try {
    if (isLocal) await switchFromHere('test', localRebuildOf(deployment))
    await runStep(deployment, 'activate', isLocal ? testedScript(staging) : testScript(rendered, staging), {
      timeoutMs: SWITCH_MS,
    })
    await verify()
  } catch (error) {
    // unreachable or interrupted: what runs there is a test, and a reboot leads back
    if (!(error instanceof KeelError) || error.exit !== ExitCode.Failed) throw error
    // another keel has the host: what runs there is its system
    if (error.code === 'changed-meanwhile') throw error
    throw await goBack(deployment, error)
  }
  if (isLocal) await switchFromHere('boot', localRebuildOf(deployment))
  const confirm = isLocal ? recordSystemScript(rendered, tree, staging) : bootScript(rendered, tree, staging)
  await runStep(deployment, 'activate', confirm, { timeoutMs: SWITCH_MS })
}

async function goBack({ transport, plan }: SystemDeployment, error: KeelError): Promise<KeelError> {
  const { exitCode, stderr } = await transport.run(backScript(), { timeoutMs: SWITCH_MS })
  if (exitCode !== 0) {
    const why = `${error.why ?? ''}; and the system before could not be switched back to: ${stderr.trim()}`
    return new KeelError({ ...error, why, todo: `look at ${plan.host}; a reboot takes the system before`, cause: error })
  }
  return new KeelError({
    ...error,
    code: 'rolled-back',
    found: `the new system was not healthy, and the one before runs again: ${error.found}`,
    why: 'a NixOS host keeps its boot entry until the new system is healthy',
    todo: `fix the cause shown above, then run \`keel deploy ${plan.host}\``,
    exit: ExitCode.RolledBack,
    cause: error,
  })
}
