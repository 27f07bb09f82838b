import { type HostDeployment, runStep } from '../host-deployment.ts'
import { questionsFor } from '../survey.ts'
import { buildScript, sourceBytes } from './scripts.ts'
import { treeOf } from './tree-of.ts'

/** A build takes minutes where nothing can be fetched ready-made. */
const BUILD_MS = 2 * 3600_000

/** Exec 2 on a NixOS host: its system lies there, built and decryptable, and nothing is switched. */
export async function stageSystem(deployment: HostDeployment): Promise<void> {
  const { seen, plan, emit } = deployment
  const { nixos } = seen.rendered
  if (nixos === undefined || !plan.operations.some(({ op }) => op === 'switch-system')) return
  emit({ event: 'phase', host: plan.host, phase: 'stage' })
  const tree = treeOf(deployment)
  deployment.onFirstByte?.()
  const script = buildScript(nixos, tree, questionsFor(seen.rendered), seen.facts.digest)
  await runStep(deployment, 'stage', script, { input: sourceBytes(tree), timeoutMs: BUILD_MS })
}
