import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode, KeelError } from '../errors.ts'
import { VipWatcher } from '../status/vip-status.ts'
import { describeVip } from '../ui/describe-vip.ts'
import { type Command, directory, type InDirectory, json } from './shared/command.ts'
import { type ConnectInput, connectOptions, connector } from './shared/connector.ts'
import { openWorkspace } from './shared/workspace.ts'

interface VipInput extends InDirectory, ConnectInput {
  readonly json?: boolean
  readonly watch?: boolean
}

const betweenLooksMs = 1000

const status: Command<VipInput> = {
  name: 'vip status',
  summary: "where the cluster's address stands, who is fit for it, and what changed last",
  options: [
    directory,
    json,
    { flags: '--watch', summary: 'go on, and print whenever it is otherwise; Ctrl-C ends it' },
    ...connectOptions,
  ],
  async run(input, io) {
    const { cluster } = await openWorkspace(input, io, 'look')
    if (cluster.vip === undefined) {
      throw new KeelError({
        code: 'no-vip',
        at: 'hosts/cluster',
        found: 'no `vip`',
        todo: 'docs/vip.md says how a cluster gets an address of its own',
        exit: ExitCode.Usage,
      })
    }
    await using watcher = new VipWatcher(cluster, cluster.vip, await connector(input, cluster, io))
    let printed = ''
    for (;;) {
      const seen = await watcher.look(io.signal)
      const text = input.json ? JSON.stringify(seen) : describeVip(seen)
      if (text !== printed) io.print(input.json ? (input.watch ? text : seen) : text)
      printed = text
      if (!input.watch) return seen.holders.length === 1 ? ExitCode.Done : ExitCode.Failed
      await sleep(betweenLooksMs, undefined, { signal: io.signal })
    }
  },
}

export const vipVerbs: readonly Command<never>[] = [status]
