import { ExitCode, FaultsError, KeelError } from '../../errors.ts'
import type { Access } from '../../model/distribution/access.ts'
import type { ClusterObject, LiveObject } from '../../model/kubernetes/cluster-object.ts'
import { planObjects } from '../../plan/api/plan-objects.ts'
import type { ObjectOperation } from '../../plan/object-operation.ts'
import type { ObjectsPlan } from '../../plan/plan.ts'
import { foreignObjects } from '../../plan/refusals/foreign-objects.ts'
import { checkedAnswer } from '../../probes/checked-answer.ts'
import { clusterObjects } from '../../probes/cluster/cluster-objects.ts'
import type { Transport } from '../../ssh/transport.ts'
import type { Emit } from '../event.ts'
import { runOnApi } from './api-run.ts'
import { objectsScript } from './objects-script.ts'

export interface ObjectsDeployment {
  readonly access: Access
  readonly wanted: readonly ClusterObject[]
  readonly plan: ObjectsPlan
  /** By host. */
  readonly transports: ReadonlyMap<string, Transport>
  readonly emit: Emit
  /** Seconds. */
  readonly patience: number
  readonly signal: AbortSignal
}

/**
 * Changes keel's objects in the cluster's API as wanted, and checks the result. Runs when every host is healthy.
 * @throws KeelError `cluster-objects`; FaultsError `foreign-object` where the API could not be asked before
 */
export async function applyObjects({
  access,
  wanted,
  plan,
  transports,
  emit,
  patience,
  signal,
}: ObjectsDeployment): Promise<void> {
  const { through, operations } = plan
  if (through === undefined) return
  const transport = transports.get(through)
  if (transport === undefined) throw new Error(`${through} is in the plan and was not asked`)
  const run = async (script: string): Promise<readonly LiveObject[]> => {
    const { exitCode, stdout, stderr } = await runOnApi(transport, script, { name: 'apply-objects', patience, signal })
    const live = exitCode === 0 ? checkedAnswer(through, 'objects', () => clusterObjects.parse(stdout)) : undefined
    if (live !== undefined) return live
    throw failed(through, stderr.trim().split('\n').at(-1) || 'the API does not answer')
  }
  const report = (some: readonly ObjectOperation[]) => {
    for (const operation of some) emit({ event: 'object', host: through, operation })
  }
  let known = operations
  if (operations.some(({ op }) => op === 'see-objects')) {
    const live = await run(clusterObjects.script({ access, wanted }))
    const foreign = foreignObjects(wanted, live, through, access)
    if (foreign.length > 0) throw new FaultsError(foreign, ExitCode.Failed)
    report(operations)
    known = planObjects(wanted, live)
  }
  if (known.length === 0) return
  const left = planObjects(wanted, await run(objectsScript(access, wanted, known)))
  if (left.length > 0)
    throw failed(through, 'they differ from what keel has just applied: another program changes them, too')
  report(known)
}

function failed(at: string, found: string): KeelError {
  return new KeelError({
    code: 'cluster-objects',
    at,
    found: `keel could not update its objects in the cluster's API: ${found}`,
    why: 'the hosts are up to date, and run without these objects',
    todo: `look at k3s on ${at}, then \`keel deploy ${at}\`: it continues from here`,
  })
}
