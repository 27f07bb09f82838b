import { setTimeout as sleep } from 'node:timers/promises'
import { wantedHosts } from '../deploy/wanted-hosts.ts'
import { accessOf } from '../desired/distribution/access-of.ts'
import { describeFault, ExitCode, type KeelError } from '../errors.ts'
import { EarlyConnections } from '../fleet/early-connections.ts'
import { serversOf } from '../model/servers-of.ts'
import type { ClusterStatus } from '../status/cluster/cluster-status.ts'
import { ClusterWatch } from '../status/cluster/cluster-watch.ts'
import { Person } from '../status/cluster/person.ts'
import { describeStatus } from '../ui/status/describe-status.ts'
import { liveScreen, screenColumns } from '../ui/status/live-screen.ts'
import { visibleJson } from '../ui/visible.ts'
import { type Command, directory, type InDirectory, type Io, json } from './shared/command.ts'
import { type ConnectInput, connectOptions, connector } from './shared/connector.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import {
  type HostsInput,
  hostOptions,
  selectHosts,
  skipUnreachable,
  type UnreachableInput,
} from './shared/select-hosts.ts'
import { manifestsFor, openWorkspace } from './shared/workspace.ts'

interface StatusInput extends InDirectory, ConnectInput, HostsInput, UnreachableInput {
  readonly json?: boolean
  readonly exitCode?: boolean
  readonly watch?: boolean
  readonly interval?: string
}

/** Milliseconds after which a host that has not answered is shown as such, and until a watch draws its first screen. */
const PATIENCE_MS = 5000
const FIRST_SCREEN_MS = 1000

export const status: Command<StatusInput> = {
  name: 'status [host...]',
  summary: 'show on one screen how hosts and the cluster are, the worst first',
  options: [
    ...hostOptions,
    skipUnreachable('if a host does not answer, show the others (exit 6); keel status always does this'),
    { flags: '--watch', summary: 'continue until Ctrl-C, and draw the screen again every 2 seconds' },
    { flags: '--interval <seconds>', summary: 'seconds between two screens of --watch (default: 2)' },
    {
      flags: '--exit-code',
      summary:
        'exit with 3 if a host differs from the inventory, a certificate ends soon, or Kubernetes is out of support',
    },
    directory,
    json,
    ...connectOptions,
  ],
  examples: [
    ['keel status', 'every host, the address, etcd and the certificates'],
    ['keel status --watch --role server', 'only servers, until Ctrl-C'],
  ],
  exits: [
    [ExitCode.Done, 'all hosts answer and are healthy'],
    [ExitCode.Failed, 'something is not healthy: a service, a Node, the API, etcd, the address or a certificate'],
    [ExitCode.ChangesPending, 'with --exit-code: healthy, but something should be done soon'],
    ExitCode.Unreachable,
  ],
  async run(input, io) {
    io.run.streams = input.watch === true && input.json === true
    const seconds = positiveInteger('--interval', input.interval, 2)
    const workspace = await openWorkspace(input, io, 'look')
    const { cluster, store: secrets, pins } = workspace
    const selected = selectHosts(cluster, input)
    const hosts = cluster.hosts.filter((host) => selected.includes(host) || serversOf(cluster).includes(host))
    const person = new Person()
    const asking: Pick<Io, 'ask'> = { ask: (question, options) => person.during(() => io.ask(question, options)) }
    const { cwd, env, signal, run, note } = io
    const onUnpinned = (error: KeelError) => note(`warning: keel status compares no host: ${describeFault(error)}`)
    const connect = await connector(input, cluster, { cwd, env, signal, run, note, ...asking })
    await using early = new EarlyConnections(hosts, connect, signal)
    await using watch = new ClusterWatch({
      ...{ cluster, selected, person, signal, patienceMs: PATIENCE_MS },
      access: accessOf(cluster),
      wanted: await wantedHosts({
        ...{ cluster, hosts, secrets, pins, directory: workspace.directory, onUnpinned },
        manifests: () => manifestsFor(workspace, io),
      }),
      connect: early.connect,
    })
    if (input.watch) return await watched(watch, seconds * 1000, input, io)
    const seen = await watch.look(PATIENCE_MS + 100)
    if (input.json) io.print(seen)
    else io.show(describeStatus(seen, screenColumns(io.stdout)))
    return exitOf(seen, input.exitCode ?? false)
  },
}

/** Ends by a signal alone. */
async function watched(watch: ClusterWatch, everyMs: number, input: StatusInput, io: Io): Promise<never> {
  const screen = liveScreen(io.stdout, io.colors.stdout)
  const show = (seen: ClusterStatus) => {
    if (input.json) io.stdout.write(`${visibleJson(seen)}\n`)
    else screen.draw(describeStatus(seen, screen.columns))
  }
  for (;;) {
    const began = performance.now()
    show(await watch.look(Math.min(FIRST_SCREEN_MS, everyMs)))
    await sleep(Math.max(0, began + everyMs - performance.now()), undefined, { signal: io.signal })
  }
}

function exitOf({ level }: ClusterStatus, tellsPending: boolean): ExitCode {
  switch (level) {
    case 'unreachable':
      return ExitCode.Unreachable
    case 'failing':
      return ExitCode.Failed
    case 'pending':
      return tellsPending ? ExitCode.ChangesPending : ExitCode.Done
    default:
      return ExitCode.Done
  }
}
