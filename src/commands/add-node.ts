import { gitAdd, untrackedFiles } from '../deploy/nixos/git-files.ts'
import { untrackedCode } from '../deploy/nixos/source-tree.ts'
import { ExitCode, FaultsError, KeelError } from '../errors.ts'
import { readInventoryFile } from '../files/inventory-file.ts'
import { type FileChange, undoOf } from '../files/transaction/file-change.ts'
import { replaceFiles } from '../files/transaction/replace-files.ts'
import { hostFileChanges } from '../generated/host-files.ts'
import { secretsNixChanges } from '../generated/secrets-nix-file.ts'
import { clusterWithHost } from '../inventory/cluster-with-host.ts'
import type { Form } from '../inventory/definition-file.ts'
import { loadInventory } from '../inventory/load.ts'
import { hostFileText, withHostKey } from '../inventory/write/host-file.ts'
import { undoOrKeep } from '../inventory/write/undo-or-keep.ts'
import type { SshPublicKey } from '../model/brands.ts'
import type { Cluster, Host } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import type { HostInput } from '../model/schema/input.ts'
import { planRekey } from '../secrets/rekey.ts'
import { Store } from '../secrets/store.ts'
import { type Command, directory, type InDirectory, type Io, json, yes } from './shared/command.ts'
import { type ConnectInput, connectOptions } from './shared/connector.ts'
import { deploySelected } from './shared/deploy-selected.ts'
import { type NewHostInput, newHost, newHostOptions } from './shared/new-host.ts'
import { identitiesFor, openStoreFor } from './shared/open-store.ts'
import { positiveInteger } from './shared/positive-integer.ts'
import { trustedHostKey } from './shared/trusted-host-key.ts'
import { hostFilesOf, openWorkspace } from './shared/workspace.ts'

interface AddNodeInput extends InDirectory, ConnectInput, NewHostInput {
  readonly json?: boolean
  readonly yes?: boolean
  readonly patience?: string
}

export const addNode: Command<AddNodeInput> = {
  name: 'add-node <name>',
  summary: 'add a host to the inventory (or the key of a host without one), deploy it, wait until it is Ready',
  options: [
    directory,
    ...newHostOptions,
    {
      flags: '--patience <seconds>',
      summary: 'how long to wait for one host to be healthy, or for one change through the API (default: 180)',
    },
    yes,
    json,
    ...connectOptions,
  ],
  examples: [
    [
      'keel add-node luna --role agent --os debian --address root@203.0.113.12',
      'add luna, ask you to confirm its host key, deploy it',
    ],
    [
      "keel add-node luna --host-key 'ssh-ed25519 AAAA…'",
      'add the key of a host that is in the inventory without one, then deploy it',
    ],
  ],
  exits: [ExitCode.RolledBack, ExitCode.Locked, ExitCode.Unreachable],
  events: true,
  async run(input, io) {
    const patience = positiveInteger('--patience', input.patience, 180)
    const { directory } = await openStoreFor(input, io)
    const { cluster: before, hostFile: placeOf, defaults } = await loadInventory(directory)
    const known = before.hosts.find(({ name }) => name === input.name)
    const { path: file, form } = placeOf(input.name)
    const there = known === undefined ? undefined : readInventoryFile(directory, file)
    const wanted = newHost(input, refuseEnrolled(known), defaults())
    // with all defaults of hosts/cluster for the host, and before anybody is asked for a key
    const unpinned =
      known ?? find(await clusterWithHost(directory, { name: input.name, file, input: wanted }), input.name)
    const hostKey = await trustedHostKey({ host: input.name, address: unpinned.address, ...keyGiven(input) }, io)
    const { text: hostText, host } = hostFile(wanted, hostKey, { there: there?.toString(), form })
    const cluster = await clusterWithHost(directory, { name: input.name, file, input: host })
    const store = new Store(directory, cluster, undefined)
    // writes the host and everything that it must be able to read, or neither
    const { changes, files } = await planRekey(store, () => identitiesFor(input, io))
    const all = [
      { file, contents: Buffer.from(hostText), replaces: there && sha256(there) },
      ...changes,
      ...(await secretsNixChanges(directory, cluster)),
      ...hostFileChanges(await hostFilesOf(store, cluster.hosts, io), input.name),
    ]
    const undo = await undoOf(directory, all)
    io.signal.throwIfAborted()
    await replaceFiles(directory, all)
    for (const { rule, outcome } of files)
      if (outcome === 're-encrypted') io.note(`${rule.file}: re-encrypted for ${input.name}`)
    const reached = { host: false }
    let exit: ExitCode = ExitCode.Failed
    let unseen: readonly string[] = []
    try {
      exit = await deployNew({ ...input, directory }, patience, reached, io)
      return exit
    } catch (error) {
      if (lacksOnlyGit(error)) unseen = await newToGit(directory, all)
      throw error
    } finally {
      if (exit !== ExitCode.Done) {
        const { undo: isUndone, text } = undoOrKeep(
          input.name,
          reached.host,
          unseen.length > 0 ? gitAdd(unseen) : undefined,
        )
        if (isUndone) await replaceFiles(directory, undo)
        io.note(text)
      }
    }
  },
}

function lacksOnlyGit(error: unknown): boolean {
  return error instanceof FaultsError && error.faults.every(({ code }) => code === untrackedCode)
}

async function newToGit(directory: string, written: readonly FileChange[]): Promise<readonly string[]> {
  const untracked = await untrackedFiles(directory)
  return written.map(({ file }) => file).filter((file) => untracked.includes(file))
}

/** @throws KeelError `host-exists` (exit 2) for a host that already has its key */
function refuseEnrolled(known: Host | undefined): Host | undefined {
  if (known?.hostKey === undefined) return known
  throw new KeelError({
    code: 'host-exists',
    at: `hosts/${known.name}`,
    found: 'the inventory already has a host of this name, with its key',
    todo: `run \`keel deploy ${known.name}\`; for another machine choose another name`,
    exit: ExitCode.Usage,
  })
}

function find({ hosts }: Cluster, name: string): Host {
  const host = hosts.find((each) => each.name === name)
  if (host === undefined) throw new Error(`${name} is missing from its own cluster`)
  return host
}

function keyGiven({ yes = false, hostKey }: AddNodeInput) {
  return { yes, ...(hostKey === undefined ? {} : { given: hostKey }) }
}

/** The file of the host (a new one, or the existing one with the key), and what is new in it. */
function hostFile(
  host: HostInput,
  hostKey: SshPublicKey,
  { there, form }: { readonly there: string | undefined; readonly form: Form },
): { readonly text: string; readonly host: Partial<HostInput> } {
  if (there !== undefined) return { text: withHostKey(there, hostKey, form), host: { hostKey } }
  return { text: hostFileText({ ...host, hostKey }, form), host: { ...host, hostKey } }
}

async function deployNew(input: AddNodeInput, patience: number, reached: { host: boolean }, io: Io): Promise<ExitCode> {
  const workspace = await openWorkspace(input, io)
  const selected = workspace.cluster.hosts.filter(({ name }) => name === input.name)
  const onFirstByte = () => {
    reached.host = true
  }
  return deploySelected(workspace, selected, input, { parallel: 1, patience, onFirstByte }, io)
}
