import { planCluster } from '../deploy/plan-cluster.ts'
import { runPlan } from '../deploy/run-plan.ts'
import type { ExitCode } from '../errors.ts'
import { reporterFor } from '../ui/reporter.ts'
import { type Command, directory, type InDirectory, json } from './command.ts'
import { type ConnectInput, connectOptions, connector } from './connector.ts'
import { positiveInteger } from './positive-integer.ts'
import { selectHosts } from './select-hosts.ts'
import { openWorkspace, secretReader } from './workspace.ts'

interface DeployInput extends InDirectory, ConnectInput {
  readonly host: readonly string[]
  readonly json?: boolean
  readonly parallel?: string
  readonly patience?: string
}

export const deploy: Command<DeployInput> = {
  name: 'deploy [host...]',
  summary: 'make hosts what the inventory says: all in order, or those named',
  options: [
    directory,
    json,
    { flags: '--parallel <n>', summary: 'agents deployed at the same time (default: 10)' },
    { flags: '--patience <seconds>', summary: 'until a host that is not healthy counts as failed (default: 180)' },
    ...connectOptions,
  ],
  async run(input, io): Promise<ExitCode> {
    const limits = {
      parallel: positiveInteger('--parallel', input.parallel, 10),
      patience: positiveInteger('--patience', input.patience, 180),
    }
    const { cluster, store, lock } = await openWorkspace(input, io)
    const selected = selectHosts(cluster, input.host)
    const reporter = reporterFor({ json: input.json ?? false, stdout: io.stdout, stderr: io.stderr })
    try {
      await using planned = await planCluster({
        cluster,
        selected,
        secrets: store,
        lock,
        connect: await connector(input, io),
        signal: io.signal,
      })
      return await runPlan(planned, {
        cluster,
        readSecret: secretReader(store, input, io),
        env: io.env,
        emit: reporter.report,
        signal: io.signal,
        ...limits,
      })
    } finally {
      reporter.end()
    }
  },
}
