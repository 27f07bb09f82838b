import type { RunOptions } from '../../deploy/deployment.ts'
import type { RebuildPlace } from '../../deploy/nixos/local-rebuild.ts'
import { type Planned, planCluster } from '../../deploy/plan-cluster.ts'
import { runPlan } from '../../deploy/run-plan.ts'
import type { ExitCode } from '../../errors.ts'
import { refuseStaleFiles } from '../../generated/generated-state.ts'
import type { Host } from '../../model/cluster.ts'
import type { Plan } from '../../plan/plan.ts'
import { reporterFor } from '../../ui/reporter.ts'
import { waitingLine } from '../../ui/waiting-line.ts'
import type { Io } from './command.ts'
import { type ConnectInput, connector, sshIdentities } from './connector.ts'
import { hostFilesOf, secretReader, type Workspace } from './workspace.ts'

/** The plan for some hosts of a workspace, over the connections of this command line. Dispose of it to close them. */
export async function planSelected(
  workspace: Workspace,
  selected: readonly Host[],
  input: ConnectInput,
  io: Io,
  onPartial?: (plan: Plan) => void,
): Promise<Planned> {
  const { cluster, store, pins, directory } = workspace
  const waiting = waitingLine(io.stderr)
  const shown = (plan: Plan) => {
    waiting.clear()
    onPartial?.(plan)
  }
  return planCluster({
    directory,
    cluster,
    selected,
    secrets: store,
    pins,
    connect: await connector(input, cluster, io),
    signal: io.signal,
    onWaiting: waiting.update,
    ...(onPartial === undefined ? {} : { onPartial: shown }),
  }).finally(waiting.end)
}

/** What building a NixOS system from here needs besides the host. */
export async function rebuildFor(
  { cluster, directory }: Workspace,
  input: ConnectInput,
  io: Io,
): Promise<RebuildPlace> {
  const identities = await sshIdentities(input, io)
  return { hosts: cluster.hosts, directory, env: io.env, identities, signal: io.signal }
}

/** Plans and deploys some hosts of a workspace, and reports the events in the form that the command line asks for. */
export async function deploySelected(
  workspace: Workspace,
  selected: readonly Host[],
  input: ConnectInput & { readonly json?: boolean },
  limits: Pick<RunOptions, 'parallel' | 'patience' | 'skipUnreachable' | 'onFirstByte'>,
  io: Io,
): Promise<ExitCode> {
  const reporter = reporterFor({ json: input.json ?? false, stdout: io.stdout, stderr: io.stderr })
  try {
    refuseStaleFiles(await hostFilesOf(workspace.store, selected))
    await using planned = await planSelected(workspace, selected, input, io)
    const readSecret = secretReader(workspace.store, input, io)
    const { cluster } = workspace
    const rebuild = await rebuildFor(workspace, input, io)
    const { env, signal } = io
    return await runPlan(planned, { cluster, readSecret, env, rebuild, emit: reporter.report, signal, ...limits })
  } finally {
    reporter.end()
  }
}
