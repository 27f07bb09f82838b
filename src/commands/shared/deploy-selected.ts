import type { RunOptions } from '../../deploy/deployment.ts'
import type { Event } from '../../deploy/event.ts'
import type { RebuildPlace } from '../../deploy/nixos/local-rebuild.ts'
import { type Planned, planCluster } from '../../deploy/plan-cluster.ts'
import { runPlan } from '../../deploy/run-plan.ts'
import { ExitCode } from '../../errors.ts'
import { refuseStaleFiles } from '../../generated/generated-state.ts'
import type { Host } from '../../model/cluster.ts'
import { dayOf } from '../../model/kubernetes/support-window.ts'
import type { Plan } from '../../plan/plan.ts'
import { unreadableSecrets } from '../../secrets/check/unreadable.ts'
import { DeploySummary } from '../../ui/deploy-summary.ts'
import { reporterFor } from '../../ui/reporter.ts'
import { waitingLine } from '../../ui/waiting-line.ts'
import { certifierOf } from './certifier.ts'
import type { Io } from './command.ts'
import { confirmDeploy } from './confirm-deploy.ts'
import { type ConnectInput, connector, sshIdentities } from './connector.ts'
import { hostFilesOf, manifestsFor, secretReader, type Workspace } from './workspace.ts'

/** Of a verb with `--drain`. */
export interface DrainInput {
  readonly drain?: boolean
}

/** The plan for some hosts of a workspace, over the connections of this command line. Dispose of it to close them. */
export async function planSelected(
  workspace: Workspace,
  selected: readonly Host[],
  input: ConnectInput & DrainInput,
  io: Io,
  onPartial?: (plan: Plan) => void,
): Promise<Planned> {
  const { cluster, store, pins, directory } = workspace
  for (const warning of await unreadableSecrets(store, selected)) io.note(`warning: ${warning}`)
  const waiting = waitingLine(io.stderr, io.run.verbosity)
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
    manifests: await manifestsFor(workspace, io),
    today: dayOf(io.now()),
    connect: await connector(input, cluster, io),
    signal: io.signal,
    drain: input.drain ?? false,
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

type DeployWishes = Pick<RunOptions, 'parallel' | 'patience' | 'skipUnreachable' | 'onFirstByte'> & {
  /** The command that continues a deploy that failed. */
  readonly again?: string
}

/** Plans and deploys some hosts of a workspace, and reports the events in the form that the command line asks for. */
export async function deploySelected(
  workspace: Workspace,
  selected: readonly Host[],
  input: ConnectInput & DrainInput & { readonly json?: boolean; readonly yes?: boolean; readonly diff?: boolean },
  { again, ...limits }: DeployWishes,
  io: Io,
): Promise<ExitCode> {
  const json = input.json ?? false
  const reporter = reporterFor({ json, stdout: io.stdout, stderr: io.stderr, colors: io.colors.stderr, run: io.run })
  const summary = new DeploySummary()
  let started = performance.now()
  const show = (exit: ExitCode, next?: string) => {
    if (!json) io.show(summary.describe(exit, (performance.now() - started) / 1000, next), 'stderr')
  }
  try {
    refuseStaleFiles(await hostFilesOf(workspace.store, selected, io))
    await using planned = await planSelected(workspace, selected, input, io)
    const readSecret = secretReader(workspace.store, input, io)
    const { cluster } = workspace
    const rebuild = await rebuildFor(workspace, input, io)
    const { env, signal } = io
    const emit = (event: Event) => {
      summary.take(event)
      reporter.report(event)
    }
    const onAccepted = async () => {
      const asked = performance.now()
      if (!json) await confirmDeploy(planned, input, io)
      // the time that a person takes to answer is no time of the deploy
      started += performance.now() - asked
    }
    const exit = await runPlan(planned, {
      cluster,
      readSecret,
      certifier: certifierOf(readSecret),
      env,
      rebuild,
      emit,
      onAccepted,
      onSent: reporter.sent,
      signal,
      ...limits,
    })
    reporter.end()
    show(exit, again)
    return exit
  } catch (error) {
    reporter.end()
    // what ended it follows, with what to do about it
    if (summary.hasBegun) show(ExitCode.Failed)
    throw error
  }
}
