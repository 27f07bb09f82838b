import { KeelError } from '../errors.ts'
import type { SecretName } from '../model/brands.ts'
import { activateScript } from './activate-script.ts'
import { runOnApi } from './api-run.ts'
import { forgetScript } from './forget-script.ts'
import { type FilesDeployment, type HostDeployment, runStep, stagingOf } from './host-deployment.ts'
import { stillStagedScript } from './host-script.ts'
import { labelScript } from './label-script.ts'
import { switchSystem } from './nixos/switch-system.ts'
import type { ChangedValues } from './stage-host.ts'
import { addressesOfNode, verifyScript } from './verify-script.ts'

/** Milliseconds to put files in place and to order restarts; nothing is waited for. */
const ACTIVATE_MS = 10 * 60_000

/** Exec 3, and the watch after it: the host is switched to what was staged, and healthy. */
export async function switchHost(deployment: HostDeployment, changed: ChangedValues): Promise<void> {
  switch (deployment.kind) {
    case 'files':
      await activate(deployment, changed)
      await verify(deployment)
      return tellK3s(deployment, changed)
    case 'system':
      await announce(deployment)
      return switchSystem(deployment, () => verify(deployment))
  }
}

/** Said once it is so. A NixOS system restarts by itself what differs in it. */
function tellK3s({ plan: { host, operations }, emit }: HostDeployment, changed: ChangedValues): void {
  const restart = operations.find((operation) => operation.op === 'restart-unit')
  const restarts = restart?.op === 'restart-unit' && (restart.when === 'always' || changed.size > 0)
  const did = operations.some(({ op }) => op === 'start-unit') ? 'started' : restarts ? 'restarted' : 'not-restarted'
  const stored = operations.flatMap((operation) => (operation.op === 'store-credential' ? [operation.id] : []))
  emit({ event: 'k3s', host, did, stored: did === 'not-restarted' ? stored : [] })
}

async function activate(deployment: FilesDeployment, changed: ChangedValues): Promise<void> {
  const { plan, rendered, sources } = deployment
  await announce(deployment)
  const placesCa = plan.operations.some(({ op }) => op === 'place-ca')
  const input = placesCa && rendered.foundation !== undefined ? await caLines(deployment, rendered.foundation) : undefined
  const script = activateScript({ plan, rendered, sources, staging: stagingOf(deployment), changed })
  await runStep(deployment, 'activate', script, { totalMs: ACTIVATE_MS, ...(input === undefined ? {} : { input }) })
}

async function announce(deployment: HostDeployment): Promise<void> {
  const { plan, emit } = deployment
  emit({ event: 'phase', host: plan.host, phase: 'activate' })
  await refuseOvertaken(deployment)
  await forgetEarlierMachine(deployment)
  await labelNode(deployment)
  for (const operation of plan.operations) emit({ event: 'operation', host: plan.host, operation })
}

/** Before the first thing that is done elsewhere for a host, which its own activation would refuse only after it. */
async function refuseOvertaken(deployment: HostDeployment): Promise<void> {
  const ops = new Set(deployment.plan.operations.map(({ op }) => op))
  // a NixOS host with the right system gets nothing that could be staged
  const isStaged = deployment.kind === 'files' || ops.has('switch-system')
  if (isStaged && (ops.has('forget-node') || ops.has('label-node')))
    await runStep(deployment, 'activate', stillStagedScript(stagingOf(deployment)), {})
}

/** Last thing before the new machine comes: until here the cluster is as it was. */
async function forgetEarlierMachine({ plan, transports, patience, signal }: HostDeployment): Promise<void> {
  for (const operation of plan.operations) {
    if (operation.op !== 'forget-node') continue
    const server = transports.get(operation.through)
    const result = server && (await runOnApi(server, forgetScript(operation.node), { patience, signal }))
    if (result?.exitCode === 0) continue
    throw new KeelError({
      code: 'forget-node',
      at: operation.through,
      found: `Node ${operation.node} and its etcd member could not be removed: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
      why: 'k3s refuses a machine whose name it knows from another',
      todo: `\`k3s kubectl delete node ${operation.node}\` on ${operation.through}, then \`keel deploy ${plan.host}\``,
    })
  }
}

/** Before the host's own files change: they and the Node's note say what an earlier inventory gave it. */
async function labelNode({ plan, transports, patience, signal }: HostDeployment): Promise<void> {
  for (const operation of plan.operations) {
    if (operation.op !== 'label-node') continue
    const server = transports.get(operation.through)
    const result = server && (await runOnApi(server, labelScript(operation), { patience, signal }))
    if (result?.exitCode === 0) continue
    throw new KeelError({
      code: 'label-node',
      at: operation.through,
      found: `Node ${operation.node} could not be given its labels and taints: ${result?.stderr.trim().split('\n').at(-1) ?? 'no connection'}`,
      why: 'k3s gives them to a Node only when it registers; later changes go through the API',
      todo: `look at k3s on ${operation.through}, then \`keel deploy ${plan.host}\``,
    })
  }
}

async function caLines(
  { readSecret, redactor }: FilesDeployment,
  { key, certificatePem }: { key: SecretName; certificatePem: string },
): Promise<Uint8Array> {
  const bytes = await readSecret(key)
  redactor.remember(bytes)
  return Buffer.from(`${Buffer.from(bytes).toString('base64')}\n${Buffer.from(certificatePem).toString('base64')}\n`)
}

async function verify(deployment: HostDeployment): Promise<void> {
  const { rendered, plan, emit, caHash, patience, redactor } = deployment
  emit({ event: 'phase', host: plan.host, phase: 'verify' })
  const script = verifyScript({
    rendered,
    patience,
    ...(caHash === undefined ? {} : { caHash }),
  })
  const { stdout } = await runStep(deployment, 'verify', script, {
    timeoutMs: (patience + 30) * 1000,
    onLine: (line) => emit({ event: 'progress', host: plan.host, text: redactor.clean(line) }),
  })
  const fault = deployment.addressFault?.(addressesOfNode(stdout))
  if (fault !== undefined) throw new KeelError(fault)
}
