import { accessOf } from '../desired/distribution/access-of.ts'
import { ExitCode } from '../errors.ts'
import { serversOf } from '../model/servers-of.ts'
import { sh } from '../templates/shell-quote.ts'
import { type Command, directory, type InDirectory } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { runAttached } from './shared/run-attached.ts'
import { openWorkspace } from './shared/workspace.ts'

interface Input extends InDirectory, ConnectInput {
  readonly argument: readonly string[]
}

export const kubectl: Command<Input> = {
  name: 'kubectl [argument...]',
  summary: "run the cluster's own kubectl on a server; give it a file of this machine with `-f - < FILE`",
  options: [directory, ...connectOptions],
  examples: [
    ['keel kubectl get nodes', 'ask the API on a server'],
    ['keel kubectl apply -f - < app.yaml', 'give kubectl a file of this machine'],
  ],
  exits: [
    [ExitCode.Unreachable, 'no server could be reached'],
    ['other', 'the exit status of kubectl; 255 if the connection was lost later'],
  ],
  passesOptions: true,
  async run(input, io) {
    const { cluster } = await openWorkspace(input, io, 'look')
    const script = { name: 'kubectl', text: sh`exec ${accessOf(cluster).kubectl} ${input.argument}` }
    for (const server of serversOf(cluster)) {
      const status = await runAttached(server, { script }, input, io)
      // what has run once is not run again on the next server: it may have read stdin, or changed something
      if (status !== undefined) return status
      io.note(`${server.name}: no connection`)
    }
    return ExitCode.Unreachable
  },
}
