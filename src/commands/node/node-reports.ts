import { setTimeout as sleep } from 'node:timers/promises'
import { ExitCode } from '../../errors.ts'
import { askReports, type NodeReports } from '../../node-client/host-reports.ts'
import { describeFaults, describeReports, healthChecks } from '../../ui/node/describe-reports.ts'
import { timed } from '../../ui/run/lines.ts'
import { liveScreen, screenColumns } from '../../ui/status/live-screen.ts'
import { visibleJson } from '../../ui/visible.ts'
import { type Command, directory, type Io, identity, json } from '../shared/command.ts'
import { complainOf } from '../shared/complain-of.ts'
import { type HostsInput, hostOptions } from '../shared/select-hosts.ts'
import { agentAsker, type NodeInput } from './agent-asker.ts'

interface Input extends NodeInput, HostsInput {
  readonly json?: boolean
  readonly watch?: boolean
}

type What = 'status' | 'health' | 'services' | 'certs'

const ASKED = {
  status: ['node', 'kubernetes', 'generation'],
  health: ['ready', 'kubernetes'],
  services: ['services'],
  certs: ['certificates'],
} as const

const EVERY_MS = 2000

const watchOption = { flags: '--watch', summary: 'continue until Ctrl-C, and ask again every 2 seconds' }

export const reportVerbs: readonly Command<Input>[] = [
  reportVerb('status', 'show how machines are, as their keel-agents tell it: also while Kubernetes is down', [
    ['keel node status', 'all hosts in one table'],
    ['keel node status maia --watch', 'one host, again every 2 seconds'],
  ]),
  reportVerb('health', 'show what the keel-agents of hosts have checked: certificates, API server, etcd', [
    ['keel node health', 'every check of every host; exit 1 if one has failed'],
    ['keel node health --role server --json', 'those of the servers, for a program'],
  ]),
  reportVerb('services', 'list the services of hosts and how they are', [
    ['keel node services maia', 'units of keel and of the system, and all that have failed'],
    ['keel node services --json', 'the same of all hosts, for a program'],
  ]),
  reportVerb('certs', 'list the certificates of the keel-agents, and when they end', [
    ['keel node certs', 'which certificate each agent shows'],
    ['keel node certs maia --json', 'the same, for a program'],
  ]),
]

function reportVerb(what: What, summary: string, examples: Command<Input>['examples']): Command<Input> {
  return {
    name: `node ${what} [host...]`,
    summary,
    options: [...hostOptions, watchOption, directory, json, identity],
    examples,
    exits: [
      [
        ExitCode.Failed,
        what === 'health' ? 'a check has failed, or keel does not believe an agent' : 'keel does not believe an agent',
      ],
      [ExitCode.Unreachable, 'an agent did not answer; the others are shown'],
    ],
    async run(input, io) {
      io.run.streams = input.watch === true && input.json === true
      const asker = await agentAsker(input, 'viewer', io)
      const look = () => askReports(asker.places, asker.access(), ASKED[what])
      if (input.watch) return watched(what, look, input, io)
      const seen = await look()
      if (input.json) io.print(timed(seen))
      else show(what, seen, io)
      return exitOf(what, seen)
    },
  }
}

function show(what: What, seen: NodeReports, io: Io): void {
  const table = describeReports(what, seen, screenColumns(io.stdout))
  if (table.length > 0) io.show(table)
  for (const { fault } of seen.hosts) if (fault !== undefined) complainOf(fault, io)
}

/** Ends by a signal alone. */
async function watched(what: What, look: () => Promise<NodeReports>, input: Input, io: Io): Promise<never> {
  const screen = liveScreen(io.stdout, io.colors.stdout)
  for (;;) {
    const seen = await look()
    if (input.json) io.stdout.write(`${visibleJson(timed(seen))}\n`)
    else
      screen.draw([[new Date().toISOString()], ...describeReports(what, seen, screen.columns), ...describeFaults(seen)])
    await sleep(EVERY_MS, undefined, { signal: io.signal })
  }
}

function exitOf(what: What, { hosts }: NodeReports): ExitCode {
  const faults = hosts.flatMap(({ fault }) => fault ?? [])
  const isWell = what !== 'health' || hosts.every((one) => healthChecks(one).every(({ ok }) => ok))
  if (faults.some(({ code }) => code !== 'agent-unreachable')) return ExitCode.Failed
  if (faults.length > 0) return ExitCode.Unreachable
  return isWell ? ExitCode.Done : ExitCode.Failed
}
