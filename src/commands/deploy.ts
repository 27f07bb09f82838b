import type { ExitCode } from '../errors.ts'
import { type Command, directory, type InDirectory, json } from './command.ts'
import { type ConnectInput, connectOptions } from './connector.ts'
import { deploySelected } from './deploy-selected.ts'
import { positiveInteger } from './positive-integer.ts'
import { selectHosts } from './select-hosts.ts'
import { openWorkspace } from './workspace.ts'

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
    const workspace = await openWorkspace(input, io)
    return deploySelected(workspace, selectHosts(workspace.cluster, input.host), input, limits, io)
  },
}
