import { KeelError } from '../../errors.ts'
import { otherPatch } from '../../plan/notes/other-patch.ts'
import { hasOperation } from '../../plan/operation.ts'
import { digestOf } from '../../probes/facts.ts'
import { runStep, stagingOf } from '../host/host-deployment.ts'
import type { SystemDeployment } from '../nixos/system-deployment.ts'
import { explainUntracked } from './git-files.ts'
import { buildHere } from './local-rebuild.ts'
import { buildScript, builtVersion, proveScript, sourceBytes } from './scripts.ts'
import { localRebuildOf } from './system-deployment.ts'

/** A build takes minutes where nothing can be fetched ready-made. */
const BUILD_MS = 2 * 3600_000

/** Exec 2 on a NixOS host: its system is there, built and decryptable, and nothing is switched. */
export async function stageSystem(deployment: SystemDeployment): Promise<void> {
  const { host, rendered, facts, tree, plan, emit } = deployment
  if (!hasOperation(plan.operations, 'switch-system')) return
  emit({ event: 'phase', host: plan.host, phase: 'stage' })
  deployment.onFirstByte?.()
  const staging = { ...stagingOf(deployment), host: plan.host, rendered, tree, digest: digestOf(facts) }
  try {
    const script =
      rendered.system.build.on === 'target'
        ? buildScript(staging)
        : proveScript(staging, await buildHere(localRebuildOf(deployment)))
    const { stdout } = await runStep(deployment, 'stage', script, { input: sourceBytes(tree), timeoutMs: BUILD_MS })
    const note = otherPatch(host, rendered.version, builtVersion(stdout))
    if (note !== undefined) emit({ event: 'note', host: plan.host, note })
    emit({ event: 'phase', host: plan.host, phase: 'staged' })
  } catch (error) {
    if (!(error instanceof KeelError) || rendered.system.source.kind !== 'flake') throw error
    throw await explainUntracked(error, deployment.rebuild.directory)
  }
}
