import { ExitCode, KeelError } from '../../errors.ts'
import { hasOperation } from '../../plan/operation.ts'
import type { SystemDeployment } from '../nixos/system-deployment.ts'
import { backScript, SWITCH_MS } from './scripts.ts'

/**
 * Has a host run again what it ran before its new system failed.
 * @returns what to throw: `rolled-back` (exit 4), or the error itself where there is nothing to take back
 */
export async function takeBackSystem({ transport, plan }: SystemDeployment, error: unknown): Promise<unknown> {
  if (!hasOperation(plan.operations, 'switch-system')) return error
  // unreachable or interrupted: what runs there is a test, and a reboot leads back
  if (!(error instanceof KeelError) || error.exit !== ExitCode.Failed) return error
  // another keel has the host: what runs there is its system
  if (error.code === 'changed-meanwhile') return error
  const { exitCode, stderr } = await transport.run(backScript(), { name: 'take-back', timeoutMs: SWITCH_MS })
  if (exitCode !== 0) {
    const why = `${error.why ?? ''}; and keel could not switch back to the previous system: ${stderr.trim()}`
    return new KeelError({
      ...error,
      why,
      todo: `check ${plan.host}; a reboot starts the previous system`,
      cause: error,
    })
  }
  return new KeelError({
    ...error,
    code: 'rolled-back',
    found: `the new system was not healthy, so the host runs its previous system again: ${error.found}`,
    why: 'a NixOS host keeps its boot entry until the new system is healthy',
    todo: `fix the cause shown above, then run \`keel deploy ${plan.host}\``,
    exit: ExitCode.RolledBack,
    cause: error,
  })
}
