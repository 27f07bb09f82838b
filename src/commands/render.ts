import { join, resolve } from 'node:path'
import { SECRETS_NIX } from '../agenix/secrets-nix.ts'
import { clusterObjectsOf } from '../desired/cluster-objects.ts'
import { ExitCode } from '../errors.ts'
import { refuseInventoryLinksOn } from '../files/inventory-file.ts'
import { replaceFiles } from '../files/transaction/replace-files.ts'
import { writeTree } from '../files/write-tree.ts'
import { refuseEditedFiles } from '../generated/generated-state.ts'
import { readSecretsNix, refuseEditedSecretsNix } from '../generated/secrets-nix-file.ts'
import { fileBytes } from '../model/file-bytes.ts'
import { manifestOf } from '../model/kubernetes/cluster-object.ts'
import { manifestText } from '../model/kubernetes/manifest-text.ts'
import { rendererOf } from '../targets/render.ts'
import { type Command, directory, type InDirectory, type Io } from './shared/command.ts'
import { type HostsInput, hostOptions, selectHosts } from './shared/select-hosts.ts'
import { hostFilesOf, openWorkspace, surroundingsFor } from './shared/workspace.ts'

interface RenderInput extends InDirectory, HostsInput {
  readonly out?: string
  readonly force?: boolean
}

export const render: Command<RenderInput> = {
  name: 'render [host...]',
  summary: 'write NixOS modules, Butane and Ignition files and secrets.nix; with --out all files of a host',
  options: [
    ...hostOptions,
    directory,
    {
      flags: '--out <dir>',
      summary:
        'write all files that hosts would get (one folder for each host) and all objects for the API; without secrets',
    },
    { flags: '--force', summary: 'overwrite files that keel did not write, or that were edited since' },
  ],
  examples: [
    ['keel render', 'write the files that you commit: NixOS modules, Butane, Ignition, secrets.nix'],
    ['keel render maia --out /tmp/rendered', 'look at every file that maia would get'],
  ],
  exits: [ExitCode.Locked],
  async run(input, io) {
    return input.out === undefined ? generateInPlace(input, io) : renderInto(input.out, input, io)
  },
}

async function generateInPlace(input: RenderInput, io: Io): Promise<ExitCode> {
  const { directory, cluster, store } = await openWorkspace(input, io)
  const hosts = selectHosts(cluster, input)
  const rules = await readSecretsNix(directory, cluster)
  const files = await hostFilesOf(store, hosts, io)
  refuseEditedSecretsNix(rules, input.force ?? false)
  refuseEditedFiles(files, input.force ?? false)
  const outdated = [rules, ...files].filter(({ state }) => state !== 'current')
  await replaceFiles(
    directory,
    outdated.map(({ change }) => change),
  )
  for (const { file } of files.filter(({ state }) => state === 'current')) io.print(`${file}: nothing changed`)
  for (const { file } of files.filter(({ state }) => state !== 'current')) io.print(`${file}: written`)
  io.print(
    rules.state === 'current'
      ? `${SECRETS_NIX}: nothing changed`
      : `${SECRETS_NIX}: ${cluster.secrets.length} secrets, for agenix`,
  )
  return ExitCode.Done
}

async function renderInto(to: string, input: RenderInput, io: Io): Promise<ExitCode> {
  const { directory, cluster, store } = await openWorkspace(input, io)
  const out = resolve(io.cwd, to)
  // a folder in the inventory may come from a commit; any other folder belongs to the user, with its links
  refuseInventoryLinksOn(directory, out)
  const hosts = selectHosts(cluster, input)
  const surroundings = await surroundingsFor(store, io)
  const rendered = hosts.map(rendererOf(cluster, surroundings))
  // like plan and deploy: the API of the cluster belongs to its servers
  const objects = hosts.some(({ role }) => role === 'server') ? clusterObjectsOf(cluster) : []
  const api = { path: 'cluster.yaml', content: manifestText(objects.map(manifestOf)), mode: '0644' }
  io.signal.throwIfAborted()
  const written = rendered.map((one) => ({ host: one.host, files: one.kind === 'files' ? one.files : [] }))
  writeTree(out, [
    ...written.flatMap(({ host, files }) =>
      files.map((file) => ({ path: join(host, file.path), content: fileBytes(file), mode: file.mode })),
    ),
    ...(objects.length === 0 ? [] : [api]),
  ])
  for (const { host, files } of written) {
    io.print(`${host}: ${files.length} files in ${join(out, host)}`)
  }
  if (objects.length > 0) io.print(`the cluster's API: ${objects.length} objects in ${join(out, api.path)}`)
  return ExitCode.Done
}
