import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode, KeelError } from '../errors.ts'
import { type VipStatus, VipWatcher } from '../status/vip-status.ts'
import { describeVip } from '../ui/describe-vip.ts'
import { timed } from '../ui/run/lines.ts'
import { visibleJson } from '../ui/visible.ts'
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
  summary: "show which server holds the cluster's virtual IP, which servers are healthy, and the last changes",
  options: [
    directory,
    json,
    { flags: '--watch', summary: 'continue, and print every change until Ctrl-C' },
    ...connectOptions,
  ],
  examples: [
    ['keel vip status', 'which server holds the address now'],
    ['keel vip status --watch --json', 'a line for every change, for a program'],
  ],
  exits: [
    [ExitCode.Done, 'exactly one server holds the address'],
    [ExitCode.Failed, 'failed, or no server or several hold the address'],
    [ExitCode.Unreachable, 'no server answered'],
  ],
  async run(input, io) {
    io.run.streams = input.watch === true && input.json === true
    const { cluster } = await openWorkspace(input, io, 'look')
    if (cluster.vip === undefined) {
      throw new KeelError({
        code: 'no-vip',
        at: 'hosts/cluster',
        found: 'no `vip`',
        todo: 'set `vip` in hosts/cluster (`keel help topics vip`)',
        exit: ExitCode.Usage,
      })
    }
    await using watcher = new VipWatcher(cluster, cluster.vip, await connector(input, cluster, io))
    let printed = ''
    for (;;) {
      const seen = await watcher.look(io.signal)
      const text = input.json ? JSON.stringify(seen) : describeVip(seen)
      if (text !== printed) io.print(input.json ? (input.watch ? visibleJson(timed(seen)) : timed(seen)) : text)
      printed = text
      if (!input.watch) return exitOf(seen)
      await sleep(betweenLooksMs, undefined, { signal: io.signal })
    }
  },
}

function exitOf({ holders, servers }: VipStatus): ExitCode {
  if (holders.length === 1) return ExitCode.Done
  return servers.every(({ kind }) => kind === 'unknown') ? ExitCode.Unreachable : ExitCode.Failed
}

export const vipVerbs: readonly Command<never>[] = [status]
