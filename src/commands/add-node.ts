import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { planCluster } from '../deploy/plan-cluster.ts'
import { runPlan } from '../deploy/run-plan.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { hostFileText, withHostKey } from '../inventory/host-file.ts'
import { loadInventory } from '../inventory/load.ts'
import { rekey } from '../secrets/rekey.ts'
import { reporterFor } from '../ui/reporter.ts'
import { type Command, directory, type InDirectory, type Io, json, yes } from './command.ts'
import { type ConnectInput, connectOptions, connector } from './connector.ts'
import { type NewHostInput, newHost, newHostOptions } from './new-host.ts'
import { identitiesFor } from './open-store.ts'
import { positiveInteger } from './positive-integer.ts'
import { takeRestorePoint } from './restore-point.ts'
import { trustedHostKey } from './trusted-host-key.ts'
import { openWorkspace, secretReader } from './workspace.ts'

interface AddNodeInput extends InDirectory, ConnectInput, NewHostInput {
  readonly json?: boolean
  readonly yes?: boolean
  readonly patience?: string
}

export const addNode: Command<AddNodeInput> = {
  name: 'add-node <name>',
  summary: 'add a host to the inventory (or enrol one that has no key yet), deploy it, wait until it is Ready',
  options: [
    directory,
    ...newHostOptions,
    { flags: '--patience <seconds>', summary: 'until a host that is not healthy counts as failed (default: 180)' },
    yes,
    json,
    ...connectOptions,
  ],
  async run(input, io) {
    const patience = positiveInteger('--patience', input.patience, 180)
    const inventory = await loadInventory(resolve(io.cwd, input.directory ?? '.'))
    const file = join(inventory.directory, 'hosts', input.name, 'host.ts')
    const text = await hostFile(
      input,
      inventory.cluster.hosts.find(({ name }) => name === input.name),
      file,
      io,
    )
    const before = await takeRestorePoint(inventory.directory, [`hosts/${input.name}`, 'secrets'])
    const reached = { host: false }
    let exit: ExitCode = ExitCode.Failed
    try {
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, text)
      exit = await deployNew({ ...input, directory: inventory.directory }, patience, reached, io)
      return exit
    } finally {
      // up to its first byte the host knows nothing of all this, and neither shall the inventory
      if (exit !== ExitCode.Done) {
        if (!reached.host) await before.restore()
        io.note(
          reached.host
            ? `${input.name} stays in the inventory: \`keel deploy ${input.name}\` carries on`
            : 'the inventory is as it was before',
        )
      }
    }
  },
}

/** The text of the host's file: a new one, or the one that is there with the key in it. */
async function hostFile(input: AddNodeInput, known: Parameters<typeof newHost>[1], file: string, io: Io): Promise<string> {
  if (known?.hostKey !== undefined) {
    throw new KeelError({
      code: 'host-exists',
      at: `hosts/${input.name}`,
      found: 'a host of this name, with its key',
      todo: `run \`keel deploy ${input.name}\`; another machine needs another name`,
      exit: ExitCode.Usage,
    })
  }
  const { host, address } = newHost(input, known)
  const key = await trustedHostKey(
    { host: input.name, address, yes: input.yes ?? false, ...(input.hostKey === undefined ? {} : { given: input.hostKey }) },
    io,
  )
  return known === undefined ? hostFileText({ ...host, hostKey: key }) : withHostKey(await readFile(file, 'utf8'), key)
}

async function deployNew(input: AddNodeInput, patience: number, reached: { host: boolean }, io: Io): Promise<ExitCode> {
  const { cluster, store, lock } = await openWorkspace(input, io)
  const selected = cluster.hosts.filter(({ name }) => name === input.name)
  for (const { rule, outcome } of await rekey(store, () => identitiesFor(input, io))) {
    if (outcome === 're-encrypted') io.note(`${rule.file}: re-encrypted for ${input.name}`)
  }
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
      parallel: 1,
      patience,
      onFirstByte: () => {
        reached.host = true
      },
    })
  } finally {
    reporter.end()
  }
}
