import { basename, relative, resolve } from 'node:path'
import { ExitCode, KeelError } from '../errors.ts'
import { type Lab, readLab } from '../lab/description.ts'
import type { DistributionKind } from '../model/distribution/distribution.ts'
import { DEFAULT_VERSION, parseK3sVersion } from '../model/k3s/k3s-version.ts'
import { DEFAULT_KUBERNETES, parseKubernetesVersion } from '../model/kubeadm/kubernetes-version.ts'
import { parseClusterName } from '../model/names.ts'
import { generateMissingSecrets } from '../secrets/values/generate.ts'
import { defaultAdmin, parseAdminSpec } from './init/admin-spec.ts'
import { type AgenixInventory, agenixInventory, tellHosts } from './init/agenix-inventory.ts'
import { askHosts, askUntil, needs } from './init/ask-inventory.ts'
import { withWhatRuns } from './init/ask-running.ts'
import { checkTakenTokens } from './init/check-taken-tokens.ts'
import { createInventory, finishInterruptedInit, refuseUsed } from './init/create-inventory.ts'
import { distributionFor } from './init/distribution-for.ts'
import { parseHostSpec } from './init/host-spec.ts'
import { labInventory } from './init/lab-inventory.ts'
import { type NewInventory, newInventoryFiles } from './init/new-inventory.ts'
import { describeNextSteps } from './init/next-steps.ts'
import { commandOf, describeTold, type Told } from './init/told.ts'
import { type Command, directory, type InDirectory, type Io, yes } from './shared/command.ts'
import { noteSupport } from './shared/note-support.ts'

interface InitInput extends InDirectory {
  readonly dir?: string
  readonly yes?: boolean
  readonly name?: string
  readonly distribution?: string
  readonly k3sVersion?: string
  readonly kubernetesVersion?: string
  readonly admin?: readonly string[]
  readonly host?: readonly string[]
  readonly lab?: string
  readonly fromAgenix?: string
  readonly identity?: readonly string[]
}

export const init: Command<InitInput> = {
  name: 'init [dir]',
  summary: 'create an inventory, with CA and tokens; asks for every value that you do not give',
  options: [
    directory,
    yes,
    { flags: '--name <name>', summary: 'the name of the cluster (default: the name of the folder)' },
    {
      flags: '--k3s-version <version>',
      summary: `the version of Kubernetes and the build of k3s (default: ${DEFAULT_VERSION})`,
    },
    { flags: '--distribution <name>', summary: 'k3s or kubeadm (default: k3s)' },
    {
      flags: '--kubernetes-version <version>',
      summary: `with kubeadm: the version of Kubernetes (default: ${DEFAULT_KUBERNETES})`,
    },
    {
      flags: '--admin <admin...>',
      summary:
        "an admin, who may read every secret: 'name=ssh-ed25519 AAAA…', 'name=age1…' or a .pub file (default: ~/.ssh/id_ed25519.pub)",
    },
    {
      flags: '--host <host...>',
      summary: "a host: 'name=a,role=server,os=debian,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…,nodeIP=10.0.0.1'",
    },
    {
      flags: '--from-agenix <file>',
      summary: 'take over recipients, hosts and secrets from the secrets.nix of an agenix repository',
    },
    { flags: '-i, --identity <file...>', summary: 'with --from-agenix: private key to check the tokens with' },
    { flags: '--lab <name>', summary: 'use hosts, version and options of a running lab (`keel lab up`)' },
  ],
  examples: [
    ['keel init mercury', 'ask for the name, the hosts and their keys, and create an inventory in mercury/'],
    [
      "keel init mercury --yes --host 'name=ocean,address=root@203.0.113.11'",
      'the same without questions, with one server',
    ],
  ],
  exits: [ExitCode.Locked, ExitCode.Unreachable],
  async run(input, io): Promise<ExitCode | undefined> {
    const target = resolve(io.cwd, input.directory ?? '.', input.dir ?? '.')
    const lab = input.lab === undefined ? undefined : await readLab(input.lab, io.env)
    const distribution = distributionFor(input, lab?.distribution)
    const recovery = await finishInterruptedInit(target)
    if (recovery !== undefined) io.note(`an interrupted change of the inventory was ${recovery}`)
    const agenix =
      input.fromAgenix === undefined
        ? undefined
        : await agenixInventory(resolve(io.cwd, input.fromAgenix), target, input.host ?? [], io)
    // before keel asks a question in vain
    if (agenix === undefined) await refuseUsed(target)
    const told: Told = { admins: {}, hosts: new Map() }
    const { io: wizard, wasAsked } = noticing(io)
    const inventory = await keeping(told, input, wasAsked, io, async () => {
      const gathered = await gather({ ...input, distribution, described: lab }, target, agenix, told, wizard)
      const wanted = agenix === undefined ? gathered : await withWhatRuns(gathered, agenix.guesses, input, io)
      if (agenix !== undefined) {
        for (const [name, host] of wanted.hosts) told.hosts.set(name, host)
        tellHosts(wanted.hosts, agenix.namedBy, io)
      }
      if (wasAsked()) await confirm(told, target, wizard)
      io.signal.throwIfAborted()
      return createInventory(target, {
        files: new Map<string, string | Uint8Array>([...newInventoryFiles(wanted), ...(agenix?.files ?? [])]),
        fill: agenix === undefined ? generateMissingSecrets : () => Promise.resolve(),
        beside: agenix?.beside ?? false,
      })
    })
    const { directory, cluster } = inventory
    for (const { at, text } of cluster.warnings) io.note(`warning: ${at}: ${text}`)
    noteSupport(cluster.distribution.version, io)
    io.print(`${directory}: cluster ${cluster.name} of ${cluster.hosts.map((host) => host.name).join(', ')}`)
    if (agenix !== undefined) await checkTakenTokens(inventory, input.identity ?? [], io)
    for (const { name, key } of cluster.admins) io.print(`Admin: ${name} (${key.slice(0, 40)}…)`)
    io.print(agenix === undefined ? made[distribution] : 'Took over its secrets unchanged.')
    io.print(
      describeNextSteps({
        folder: relative(resolve(io.cwd), directory),
        hosts: cluster.hosts,
        // the binary of a lab is already pinned
        isPinned: input.lab !== undefined,
        isFromAgenix: agenix !== undefined,
        distribution: cluster.distribution,
      }),
    )
    return undefined
  },
}

const made: Readonly<Record<DistributionKind, string>> = {
  k3s: 'Created and encrypted its CA and tokens.',
  kubeadm: 'Created and encrypted its CAs and the service-account key.',
}

/** The same `Io`, which also notes whether the user has answered a question. */
function noticing(io: Io): { readonly io: Io; readonly wasAsked: () => boolean } {
  let isAnswered = false
  const ask: Io['ask'] = async (question, options) => {
    const answer = await io.ask(question, options)
    isAnswered ||= answer !== undefined
    return answer
  }
  return { io: Object.create(io, { ask: { value: ask } }), wasAsked: () => isAnswered }
}

/** Keeps the answers of the user if nothing was written. */
async function keeping<Made>(
  told: Told,
  { directory, dir }: InitInput,
  wasAsked: () => boolean,
  io: Io,
  work: () => Promise<Made>,
): Promise<Made> {
  try {
    return await work()
  } catch (error) {
    if (wasAsked())
      io.note(
        `nothing was written; to continue with your answers so far:\n  ${commandOf(told, dir ?? directory ?? '.')}`,
      )
    throw error
  }
}

/** Shows what would be written. @throws KeelError `init-declined` */
async function confirm(told: Told, target: string, io: Io): Promise<void> {
  io.note(describeTold(told, target))
  const said = await askUntil(io, 'write it? (yes/no) [yes]: ', (answer) => {
    if (['', 'y', 'yes'].includes(answer.toLowerCase())) return true
    if (['n', 'no'].includes(answer.toLowerCase())) return false
    throw new KeelError({ code: 'init-answer', found: 'answer yes or no' })
  })
  if (said?.value === false) throw new KeelError({ code: 'init-declined', found: 'not confirmed; nothing was written' })
}

async function gather(
  input: InitInput & { readonly distribution: DistributionKind; readonly described: Lab | undefined },
  target: string,
  agenix: AgenixInventory | undefined,
  told: Told,
  io: Io,
): Promise<NewInventory> {
  const { described } = input
  const lab = described === undefined ? undefined : await labInventory(described, io.env, io.signal)
  const isAsked = input.yes !== true && lab === undefined
  const offer = async (question: string, offered: string, read: (answer: string) => string) => {
    const said = isAsked
      ? await askUntil(io, `${question} [${offered}]: `, (answer) => read(answer || offered))
      : undefined
    return said?.value ?? offered
  }
  for (const [host, spec] of (input.host ?? []).map(parseHostSpec)) told.hosts.set(host, spec)
  const name = input.name ?? lab?.name ?? (await offer("the cluster's name", folderName(target), parseClusterName))
  told.name = name
  const { distribution } = input
  told.distribution = distribution
  const version =
    distribution === 'kubeadm'
      ? (input.kubernetesVersion ??
        lab?.version ??
        (await offer('Kubernetes version', DEFAULT_KUBERNETES, parseKubernetesVersion)))
      : (input.k3sVersion ?? lab?.version ?? (await offer('Kubernetes version', DEFAULT_VERSION, parseK3sVersion)))
  told.version = version
  if (agenix !== undefined) {
    told.admins = await withTold(input, agenix.admins, io)
    for (const [host, spec] of agenix.hosts) told.hosts.set(host, spec)
    return { name, version, admins: told.admins, hosts: needed(agenix.hosts), secrets: agenix.secrets }
  }
  told.admins = await gatherAdmins(input, lab?.adminKeyFile, io)
  const hosts = new Map([...(lab?.hosts ?? []), ...told.hosts])
  if (hosts.size === 0 && input.yes === true)
    throw needs('hosts', "--host 'name=a,address=root@10.0.0.1,…', or --lab NAME")
  if (hosts.size === 0) await askHosts(io, told.hosts)
  return {
    name,
    distribution,
    version,
    admins: told.admins,
    hosts: hosts.size === 0 ? told.hosts : hosts,
    ...(lab?.k3s === undefined ? {} : { k3s: lab.k3s }),
    ...(lab?.pins === undefined ? {} : { pins: lab.pins }),
    ...(lab?.files === undefined ? {} : { files: lab.files }),
  }
}

function needed(hosts: NewInventory['hosts']): NewInventory['hosts'] {
  if (hosts.size === 0)
    throw needs(
      'hosts',
      "--host 'name=a,role=server,os=nixos,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…'",
      'secrets.nix has none: no key of a machine (systems = …, hosts = …, root@NAME) may read a k3s token',
    )
  return hosts
}

async function withTold(input: InitInput, admins: NewInventory['admins'], io: Io): Promise<NewInventory['admins']> {
  const told = await Promise.all((input.admin ?? []).map((spec) => parseAdminSpec(spec, io)))
  return { ...admins, ...Object.fromEntries(told) }
}

/** The hosts of a lab accept the lab's own key, so that is the admin's key by default. */
async function gatherAdmins(input: InitInput, labKey: string | undefined, io: Io): Promise<NewInventory['admins']> {
  const specs = input.admin ?? (labKey === undefined ? [] : [labKey])
  const told = await Promise.all(specs.map((spec) => parseAdminSpec(spec, io)))
  if (told.length > 0) return Object.fromEntries(told)
  const own = await defaultAdmin(io)
  if (own !== undefined) return Object.fromEntries([own])
  const question = 'your public key (ssh-ed25519 AAAA…, age1… or a .pub file): '
  const said = input.yes === true ? undefined : await askUntil(io, question, (answer) => parseAdminSpec(answer, io))
  if (said === undefined)
    throw needs('admin', "--admin 'NAME=ssh-ed25519 AAAA…' or --admin FILE.pub; `ssh-keygen -t ed25519` makes a key")
  return Object.fromEntries([said.value])
}

/** The name of the folder, without characters that a cluster name can't have. */
function folderName(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name.slice(0, 63) || 'keel'
}
