import { resolve } from 'node:path'
import { cacheDirectory } from '../artifacts/cache-directory.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { provisionHost } from '../lab/flatcar/provision.ts'
import { checkLabName, defaultLabName } from '../lab/names.ts'
import { cutHost, healHost } from '../lab/network/cable.ts'
import { powerOffHost, rebootHost, resetHost, startHost } from '../lab/power.ts'
import { prepareLab } from '../lab/prepare.ts'
import { sshToHost } from '../lab/ssh.ts'
import { describeLab, labStatus } from '../lab/status.ts'
import { labDown, labUp } from '../lab/up.ts'
import type { Work } from '../lab/work.ts'
import { shellQuote } from '../templates/shell-quote.ts'
import { timed } from '../ui/run/lines.ts'
import { type Command, type Io, json, type OptionSpec } from './shared/command.ts'
import { parseDistribution } from './shared/parse-distribution.ts'

interface OfLab {
  readonly name?: string
}
interface OfHost extends OfLab {
  readonly host: string
}

const distribution: OptionSpec = {
  flags: '--distribution <name>',
  summary: 'k3s or kubeadm: what the hosts are for (default: k3s)',
}
const name: OptionSpec = { flags: '--name <lab>', summary: `the lab (default: ${defaultLabName})` }

const up: Command<
  OfLab & {
    readonly servers?: string
    readonly agents?: string
    readonly spare?: string
    readonly flatcar?: readonly string[]
    readonly nixos?: readonly string[]
    readonly identity?: string
    readonly distribution?: string
  }
> = {
  name: 'lab up',
  summary: 'boot real hosts on this machine',
  options: [
    name,
    { flags: '--servers <n>', summary: 'hosts for servers (default: 1)' },
    { flags: '--agents <n>', summary: 'hosts for agents (default: 1)' },
    distribution,
    { flags: '--spare <n>', summary: 'hosts outside of the inventory, for `keel add-node` (default: 0)' },
    {
      flags: '--flatcar <host...>',
      summary:
        'make this host a look-alike of a Flatcar machine, off until `lab provision` (default: all hosts are Debian)',
    },
    {
      flags: '--nixos <host...>',
      summary: 'make this host a stand-in for a NixOS machine: Debian with Nix and a nixos-rebuild from keel',
    },
    {
      flags: '--identity <file>',
      summary:
        'your private key, with FILE.pub beside it, as the only login of the hosts (default: the lab creates one)',
    },
  ],
  examples: [
    ['keel lab up --servers 3 --agents 2', 'five hosts to try keel with'],
    [
      'keel lab up --flatcar agent-1 --identity ~/.ssh/id_ed25519',
      'one of them like a Flatcar machine, with your own key',
    ],
  ],
  exits: [ExitCode.Locked],
  async run({ name, servers = '1', agents = '1', spare = '0', flatcar = [], nixos = [], identity, distribution }, io) {
    const counts = {
      server: count('--servers', servers),
      agent: count('--agents', agents),
      spare: count('--spare', spare),
    }
    const lab = await labUp(
      {
        name: labName(name),
        counts,
        distribution: parseDistribution(distribution),
        flatcar,
        nixos,
        ...(identity === undefined ? {} : { identity: resolve(io.cwd, identity) }),
      },
      workOf(io),
    )
    for (const status of await labStatus(io.env, lab.name)) io.print(describeLab(status))
    return ExitCode.Done
  },
}

const prepare: Command<{ readonly distribution?: string }> = {
  name: 'lab prepare',
  summary: 'build what every lab needs, which takes minutes; boots nothing',
  options: [distribution],
  examples: [
    ['keel lab prepare', 'before a demo, or in CI: the first `lab up` then takes seconds'],
    ['XDG_CACHE_HOME=/var/cache/ci keel lab prepare', 'keep what it builds in another folder'],
  ],
  exits: [ExitCode.Locked],
  async run({ distribution }, io) {
    await prepareLab(parseDistribution(distribution), workOf(io))
    return ExitCode.Done
  },
}

const provision: Command<OfHost & { readonly config: string }> = {
  name: 'lab provision <host> <config>',
  summary:
    'boot a Flatcar look-alike for the first time with CONFIG (`keel render` writes hosts/HOST/config.ign), and print its host key',
  options: [name],
  examples: [
    ['keel lab provision agent-1 hosts/agent-1/config.ign', 'boot agent-1 with the config of the inventory'],
    ['keel lab provision --name demo agent-1 config.ign', 'in another lab'],
  ],
  exits: [ExitCode.Locked],
  async run({ name, host, config }, io) {
    io.print(await provisionHost(labName(name), host, resolve(io.cwd, config), workOf(io)))
    return ExitCode.Done
  },
}

const down: Command<OfLab> = {
  name: 'lab down',
  summary: 'remove a lab completely, in any state',
  options: [name],
  examples: [
    ['keel lab down', 'remove the lab'],
    ['keel lab down --name demo', 'remove another lab'],
  ],
  exits: [ExitCode.Locked],
  async run({ name }, io) {
    await labDown(labName(name), workOf(io))
    return ExitCode.Done
  },
}

const status: Command<OfLab & { readonly json?: boolean }> = {
  name: 'lab status',
  summary: 'show labs, their hosts, addresses and host keys',
  options: [{ ...name, summary: 'show only this lab' }, json],
  examples: [
    ['keel lab status', 'every lab on this machine'],
    ['keel lab status --name demo --json', 'one lab, for a program'],
  ],
  exits: [],
  async run({ name, json }, io) {
    const labs = await labStatus(io.env, name === undefined ? undefined : checkLabName(name))
    if (json) io.print(timed({ labs }))
    else io.print(labs.length === 0 ? 'no lab is up' : labs.map(describeLab).join('\n'))
    return ExitCode.Done
  },
}

const ssh: Command<OfHost & { readonly command: readonly string[] }> = {
  name: 'lab ssh <host> [command...]',
  summary: 'log in to a host as root, or run a command there',
  options: [name],
  examples: [
    ['keel lab ssh server-1', 'a shell as root'],
    ['keel lab ssh server-1 -- uptime', 'run a command'],
  ],
  exits: [[ExitCode.Failed, 'failed, or the command ended with another status than 0']],
  async run({ name, host, command }, io) {
    return (await sshToHost(labName(name), host, command, io.env)) === 0 ? ExitCode.Done : ExitCode.Failed
  },
}

const reboot = hostVerb('reboot', 'reboot a host cleanly and wait for its sshd', rebootHost, 'as `reboot` does')
const start = hostVerb(
  'start',
  'boot a host that is off and wait for its sshd',
  startHost,
  'after `keel lab power-off`',
)
const powerOff = hostVerb(
  'power-off',
  'cut the power of a host; `lab start` boots it again',
  powerOffHost,
  'see what a cluster does without this host',
)

const reset = hostVerb(
  'reset',
  'cut the power of a host and boot it again at once',
  resetHost,
  'see whether a host survives a power cut',
)
const cut = hostVerb(
  'cut',
  'disconnect the network cable of a host; `lab heal` connects it again',
  cutHost,
  'see what a cluster does when it loses this host',
)
const heal = hostVerb('heal', 'connect the network cable of a host again', healHost, 'after `keel lab cut`')

const logs: Command<OfHost & { readonly unit?: string; readonly follow?: boolean; readonly lines?: string }> = {
  name: 'lab logs <host>',
  summary: 'show the journal of k3s on a host, or of another unit',
  options: [
    name,
    { flags: '--unit <unit>', summary: 'show this unit (default: k3s and k3s-agent)' },
    { flags: '--lines <n>', summary: 'show this number of the newest lines (default: 100)' },
    { flags: '--follow', summary: 'continue with new lines' },
  ],
  examples: [
    ['keel lab logs server-1 --follow', 'follow k3s, until Ctrl-C'],
    ['keel lab logs agent-1 --unit sshd --lines 20', 'another unit'],
  ],
  exits: [[ExitCode.Failed, 'failed, or journalctl ended with another status than 0']],
  async run({ name, host, unit, follow, lines = '100' }, io) {
    const units = (unit === undefined ? ['k3s', 'k3s-agent'] : [unit]).map((one) => `--unit=${shellQuote(one)}`)
    const command = [
      'journalctl',
      '--no-pager',
      `--lines=${count('--lines', lines)}`,
      ...units,
      ...(follow ? ['--follow'] : []),
    ]
    return (await sshToHost(labName(name), host, command, io.env)) === 0 ? ExitCode.Done : ExitCode.Failed
  },
}

function hostVerb(
  verb: string,
  summary: string,
  act: (lab: string, host: string, work: Work) => Promise<void>,
  why: string,
): Command<OfHost> {
  return {
    name: `lab ${verb} <host>`,
    summary,
    options: [name],
    examples: [
      [`keel lab ${verb} agent-1`, why],
      [`keel lab ${verb} --name demo server-1`, 'a host of another lab'],
    ],
    exits: [],
    async run({ name, host }, io) {
      await act(labName(name), host, workOf(io))
      return ExitCode.Done
    },
  }
}

export const labVerbs: readonly Command<never>[] = [
  up,
  prepare,
  provision,
  down,
  status,
  ssh,
  logs,
  reboot,
  powerOff,
  start,
  reset,
  cut,
  heal,
]

const labName = (given: string | undefined): string => checkLabName(given ?? defaultLabName)

const workOf = (io: Io): Work => ({ env: io.env, cache: cacheDirectory(io.env), note: io.note, signal: io.signal })

function count(flag: string, given: string): number {
  if (/^\d{1,3}$/.test(given)) return Number(given)
  throw new KeelError({
    code: 'lab-size',
    at: flag,
    found: JSON.stringify(given),
    why: 'it must be a whole number from 0 to 999',
    exit: ExitCode.Usage,
  })
}
