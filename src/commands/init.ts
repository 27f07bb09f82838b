import { basename, resolve } from 'node:path'
import type { ExitCode } from '../errors.ts'
import { DEFAULT_VERSION } from '../model/k3s-version.ts'
import { generateMissingSecrets } from '../secrets/generate.ts'
import { type Command, directory, type InDirectory, type Io, yes } from './command.ts'
import { defaultAdmin, parseAdminSpec } from './init/admin-spec.ts'
import { type AgenixInventory, agenixInventory } from './init/agenix-inventory.ts'
import { askFor, askHosts, needs } from './init/ask-inventory.ts'
import { checkTakenTokens } from './init/check-taken-tokens.ts'
import { createInventory, finishInterruptedInit, refuseUsed } from './init/create-inventory.ts'
import { parseHostSpec } from './init/host-spec.ts'
import { labInventory } from './init/lab-inventory.ts'
import { inventoryFiles, type NewInventory } from './init/new-inventory.ts'

interface InitInput extends InDirectory {
  readonly dir?: string
  readonly yes?: boolean
  readonly name?: string
  readonly k3sVersion?: string
  readonly admin?: readonly string[]
  readonly host?: readonly string[]
  readonly lab?: string
  readonly fromAgenix?: string
  readonly identity?: readonly string[]
}

export const init: Command<InitInput> = {
  name: 'init [dir]',
  summary: 'make a new inventory, with CA and tokens; asks for what it is not told',
  options: [
    directory,
    yes,
    { flags: '--name <name>', summary: "the cluster's name (default: the folder's)" },
    { flags: '--k3s-version <version>', summary: `Kubernetes and k3s's build (default: ${DEFAULT_VERSION})` },
    {
      flags: '--admin <admin...>',
      summary:
        "who may read every secret: 'name=ssh-ed25519 AAAA…', 'name=age1…' or a .pub file (default: ~/.ssh/id_ed25519.pub)",
    },
    {
      flags: '--host <host...>',
      summary: "'name=a,role=server,os=debian,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…,nodeIP=10.0.0.1' for each host",
    },
    { flags: '--from-agenix <file>', summary: "take over an agenix repository's recipients, hosts and secrets: its secrets.nix" },
    { flags: '-i, --identity <file...>', summary: 'with --from-agenix: private key to look at the tokens with' },
    { flags: '--lab <name>', summary: 'hosts, version and options of a lab that is up (`keel lab up`)' },
  ],
  async run(input, io): Promise<ExitCode | undefined> {
    const target = resolve(io.cwd, input.directory ?? '.', input.dir ?? '.')
    const recovery = await finishInterruptedInit(target)
    if (recovery !== undefined) io.note(`an interrupted change of the inventory was ${recovery}`)
    const agenix =
      input.fromAgenix === undefined
        ? undefined
        : await agenixInventory(resolve(io.cwd, input.fromAgenix), target, input.host ?? [], io)
    // before a question is asked in vain
    if (agenix === undefined) await refuseUsed(target)
    const told = await gather(input, target, agenix, io)
    io.signal.throwIfAborted()
    const inventory = await createInventory(target, {
      files: new Map<string, string | Uint8Array>([...inventoryFiles(told), ...(agenix?.files ?? [])]),
      fill: agenix === undefined ? generateMissingSecrets : () => Promise.resolve(),
      beside: agenix?.beside ?? false,
    })
    const { directory, cluster } = inventory
    for (const { at, text } of cluster.warnings) io.note(`warning: ${at}: ${text}`)
    io.print(`${directory}: cluster ${cluster.name} of ${cluster.hosts.map((host) => host.name).join(', ')}`)
    if (agenix !== undefined) await checkTakenTokens(inventory, input.identity ?? [], io)
    // a lab's binary is pinned already
    const pin = told.lock === undefined ? ['keel pin'] : []
    if (agenix === undefined)
      io.print(`its CA and tokens are made and encrypted; ${next(['git init && git add .', ...pin, 'keel plan', 'keel deploy'])}`)
    else io.print(`its secrets are taken over as they are; ${next(['keel rekey --check', 'keel rekey', ...pin, 'keel plan'])}`)
    return undefined
  },
}

function next(commands: readonly string[]): string {
  return `next: ${commands.map((command) => `\`${command}\``).join(', ')}`
}

async function gather(input: InitInput, target: string, agenix: AgenixInventory | undefined, io: Io): Promise<NewInventory> {
  const lab = input.lab === undefined ? undefined : await labInventory(input.lab, io.env)
  const offer = (question: string, offered: string) =>
    input.yes === true || lab !== undefined ? Promise.resolve(offered) : askFor(io, question, offered)
  const told = new Map((input.host ?? []).map(parseHostSpec))
  const name = input.name ?? lab?.name ?? (await offer("the cluster's name", folderName(target)))
  const version = input.k3sVersion ?? lab?.version ?? (await offer('Kubernetes version', DEFAULT_VERSION))
  if (agenix !== undefined)
    return {
      name,
      version,
      admins: await withTold(input, agenix.admins, io),
      hosts: needed(agenix.hosts),
      secrets: agenix.secrets,
    }
  const admins = await gatherAdmins(input, lab?.adminKeyFile, io)
  const hosts = new Map([...(lab?.hosts ?? []), ...told])
  if (hosts.size === 0 && input.yes === true) throw needs('hosts', "--host 'name=a,address=root@10.0.0.1,…', or --lab NAME")
  return {
    name,
    version,
    admins,
    hosts: hosts.size === 0 ? await askHosts(io) : hosts,
    ...(lab?.k3s === undefined ? {} : { k3s: lab.k3s }),
    ...(lab?.lock === undefined ? {} : { lock: lab.lock }),
    ...(lab?.files === undefined ? {} : { files: lab.files }),
  }
}

function needed(hosts: NewInventory['hosts']): NewInventory['hosts'] {
  if (hosts.size === 0)
    throw needs(
      'hosts',
      "--host 'name=a,role=server,os=nixos,address=root@10.0.0.1,hostKey=ssh-ed25519 AAAA…'",
      "secrets.nix shows none: no machine's key (systems = …, hosts = …, root@NAME) may read a k3s token",
    )
  return hosts
}

async function withTold(input: InitInput, admins: NewInventory['admins'], io: Io): Promise<NewInventory['admins']> {
  const told = await Promise.all((input.admin ?? []).map((spec) => parseAdminSpec(spec, io)))
  return { ...admins, ...Object.fromEntries(told) }
}

/** A lab's hosts let in the lab's own key, so that is the admin's where no other is told. */
async function gatherAdmins(input: InitInput, labKey: string | undefined, io: Io): Promise<NewInventory['admins']> {
  const specs = input.admin ?? (labKey === undefined ? [] : [labKey])
  const told = await Promise.all(specs.map((spec) => parseAdminSpec(spec, io)))
  if (told.length > 0) return Object.fromEntries(told)
  const own = await defaultAdmin(io)
  if (own !== undefined) return Object.fromEntries([own])
  const answer = input.yes === true ? undefined : await io.ask('your public key (ssh-ed25519 AAAA…, age1… or a .pub file): ')
  if (!answer) throw needs('admin', "--admin 'NAME=ssh-ed25519 AAAA…' or --admin FILE.pub; `ssh-keygen -t ed25519` makes a key")
  return Object.fromEntries([await parseAdminSpec(answer.trim(), io)])
}

/** The folder's name as far as it can name a cluster. */
function folderName(target: string): string {
  const name = basename(target)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name.slice(0, 63) || 'keel'
}
