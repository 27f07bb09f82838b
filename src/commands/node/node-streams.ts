import { ExitCode, type Fault, KeelError, plainFault } from '../../errors.ts'
import type { HostName } from '../../model/brands.ts'
import { oneLine } from '../../model/text/one-line.ts'
import type { Answers } from '../../node-client/checked-answer.ts'
import { followed } from '../../node-client/followed.ts'
import { type AgentPlace, streamOf } from '../../node-client/node-client.ts'
import type { NodeLine } from '../../node-client/node-lines.ts'
import { drained } from '../../ui/drained.ts'
import { timed } from '../../ui/run/lines.ts'
import { visibleJson } from '../../ui/visible.ts'
import { type Command, directory, type Io, identity, json } from '../shared/command.ts'
import { positiveInteger } from '../shared/positive-integer.ts'
import { type HostsInput, hostOptions } from '../shared/select-hosts.ts'
import { type AgentAsker, agentAsker, type NodeInput } from './agent-asker.ts'
import { durationOf } from './duration.ts'
import { kubernetesUnit, unitOf } from './node-units.ts'
import { tellFailure } from './tell-failure.ts'

interface Input extends NodeInput, HostsInput {
  readonly json?: boolean
  readonly follow?: boolean
  readonly since?: string
  readonly unit?: string
  readonly lines?: string
}

const MONTH = 31 * 86_400
const followOption = { flags: '-f, --follow', summary: 'continue with what comes, until Ctrl-C' }
const sinceOption = { flags: '--since <duration>', summary: 'what is not older than this: 10m, 8h, 2d' }
const exits: Command<Input>['exits'] = [
  [ExitCode.Failed, 'an agent refused it, or keel does not believe an agent'],
  [ExitCode.Unreachable, 'an agent did not answer, or its connection broke off'],
]

const logs: Command<Input> = {
  name: 'node logs [host...]',
  summary: 'show the journal of a unit, as the keel-agents of hosts have it',
  options: [
    ...hostOptions,
    { flags: '-u, --unit <unit>', summary: 'of this systemd unit (default: the one that runs Kubernetes)' },
    { flags: '-n, --lines <n>', summary: 'the last n lines (default: 100, 10000 at most)' },
    sinceOption,
    followOption,
    directory,
    json,
    identity,
  ],
  examples: [
    ['keel node logs maia -f', 'follow what runs Kubernetes on maia, until Ctrl-C'],
    ['keel node logs --unit keel-agent --since 10m', 'the last ten minutes of another unit, of all hosts'],
  ],
  exits,
  run: (input, io) => {
    const lines = linesOf(input)
    const since = sinceOf(input)
    return printStreams({ name: 'journal', most: lines }, input, io, async (place, access, again) => {
      const unit = unitOf(input.unit) ?? (await kubernetesUnit(place, access))
      return `/v1/services/${unit}/journal${queryOf({ ...since, lines, ...followOf(input), ...again })}`
    })
  },
}

const events: Command<Input> = {
  name: 'node events [host...]',
  summary: 'show what the keel-agents of hosts have noticed: failed units, full disks, renewed certificates',
  options: [...hostOptions, sinceOption, followOption, directory, json, identity],
  examples: [
    ['keel node events --since 8h', 'what happened on all hosts'],
    ['keel node events -f --json', 'a line for every event, for a program'],
  ],
  exits,
  run: (input, io) =>
    printStreams(
      { name: 'events', most: MOST_LINES },
      input,
      io,
      async (_place, _access, again) =>
        `/v1/events${queryOf({ ...sinceOf(input), ...followOf(input), ...(again === undefined ? {} : { since: again.since }) })}`,
    ),
}

export const streamVerbs: readonly Command<Input>[] = [logs, events]

/** Lines that an agent gives at most. */
const MOST_LINES = 10_000

interface Again {
  readonly since: number
  readonly lines: number
}

type PathOf = (place: AgentPlace, access: ReturnType<AgentAsker['access']>, again?: Again) => Promise<string>

/** What keel asks for, and how many lines of it at most, unless it follows them. */
interface Wanted {
  readonly name: 'events' | 'journal'
  readonly most: number
}

async function printStreams({ name, most }: Wanted, input: Input, io: Io, pathOf: PathOf): Promise<ExitCode> {
  io.run.streams = input.json === true
  const asker = await agentAsker(input, 'viewer', io)
  const isOne = asker.places.length === 1
  const faults = await Promise.all(
    asker.places.map(async (place): Promise<Fault | undefined> => {
      try {
        const stream = async function* (since: number | undefined) {
          const access = asker.access()
          const again = since === undefined ? undefined : { since, lines: MOST_LINES }
          const path = await pathOf(place, access, again)
          yield* streamOf(place, access, name, { path, most: input.follow === true ? undefined : most })
        }
        const lines = input.follow === true ? followed(stream, io.signal) : stream(undefined)
        for await (const line of lines) {
          printLine(place.host.name, line, { ...input, isOne }, io)
          await drained(io)
        }
        return undefined
      } catch (error) {
        if (!(error instanceof KeelError)) throw error
        return tellFailure({ host: place.host.name, fault: plainFault(error) }, input, io)
      }
    }),
  )
  const found = faults.flatMap((fault) => fault ?? [])
  if (found.length === 0) return ExitCode.Done
  return found.every(({ code }) => code === 'agent-unreachable') ? ExitCode.Unreachable : ExitCode.Failed
}

function printLine(
  host: HostName,
  line: Answers['events' | 'journal'],
  { json, isOne }: { readonly json?: boolean; readonly isOne: boolean },
  io: Io,
): void {
  if (json) {
    io.stdout.write(`${visibleJson(timed({ host, line } satisfies NodeLine))}\n`)
    return
  }
  if ('end' in line) {
    if (line.end !== 'complete') io.note(`${host}: the agent ended the stream: ${line.end}`)
    return
  }
  const before = isOne ? '' : `${host}: `
  const text = 'unit' in line ? `${line.unit}: ${line.message}` : `${line.kind} ${line.about}: ${line.message}`
  io.print(oneLine(`${before}${line.time} ${text}`))
}

function linesOf({ lines }: Input): number {
  const count = positiveInteger('--lines', lines, 100)
  if (count <= MOST_LINES) return count
  throw new KeelError({
    code: 'usage',
    at: '--lines',
    found: `${count}`,
    todo: `an agent gives ${MOST_LINES} lines at most; --since limits them too`,
    exit: ExitCode.Usage,
  })
}

function sinceOf({ since }: Input): { readonly since?: number } {
  return since === undefined ? {} : { since: Math.floor(Date.now() / 1000) - durationOf('--since', since, MONTH) }
}

function followOf({ follow }: Input): { readonly follow?: number } {
  return follow === true ? { follow: 1 } : {}
}

function queryOf(values: Readonly<Record<string, number>>): string {
  const words = Object.entries(values).map(([key, value]) => `${key}=${value}`)
  return words.length === 0 ? '' : `?${words.join('&')}`
}
