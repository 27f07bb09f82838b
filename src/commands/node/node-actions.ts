import { ExitCode, KeelError, plainFault } from '../../errors.ts'
import { wrongAnswer } from '../../node-client/agent-failure.ts'
import { type AgentPlace, ask } from '../../node-client/node-client.ts'
import type { NodeDone } from '../../node-client/node-lines.ts'
import { timed } from '../../ui/run/lines.ts'
import { visibleJson } from '../../ui/visible.ts'
import { type Command, directory, type Io, identity, json, yes } from '../shared/command.ts'
import { type HostsInput, hostOptions } from '../shared/select-hosts.ts'
import { type AgentAsker, agentAsker, type NodeInput } from './agent-asker.ts'
import { kubernetesUnit, unitOf } from './node-units.ts'
import { tellFailure } from './tell-failure.ts'

interface Input extends NodeInput, HostsInput {
  readonly json?: boolean
  readonly unit?: string
  readonly yes?: boolean
}

const exits: Command<Input>['exits'] = [
  [ExitCode.Failed, 'an agent refused it, or the answer to the question was no'],
  [ExitCode.Unreachable, 'an agent did not answer; the hosts after it were not asked'],
]

const restart: Command<Input> = {
  name: 'node restart <host...>',
  summary: 'have the keel-agents of hosts restart a unit, one host after the other',
  options: [
    ...hostOptions,
    { flags: '-u, --unit <unit>', summary: 'this systemd unit (default: the one that runs Kubernetes)' },
    yes,
    directory,
    json,
    identity,
  ],
  examples: [
    ['keel node restart maia', 'restart what runs Kubernetes on maia'],
    ['keel node restart ocean maia --unit keel-agent --yes', 'another unit, without a question'],
  ],
  exits,
  run: (input, io) =>
    actOn(
      input,
      io,
      (unit) => `restart ${unit ?? 'what runs Kubernetes'}`,
      async (place, access) => {
        const unit = unitOf(input.unit) ?? (await kubernetesUnit(place, access))
        return { path: `/v1/services/${unit}/restart`, accepted: 'restart', unit }
      },
    ),
}

const reboot: Command<Input> = {
  name: 'node reboot <host...>',
  summary: 'have the keel-agents of hosts reboot their machines',
  options: [...hostOptions, yes, directory, json, identity],
  examples: [
    ['keel node reboot maia', 'reboot maia, after a question'],
    ['keel node reboot maia --yes', 'without a question'],
  ],
  exits,
  run: (input, io) =>
    actOn(
      input,
      io,
      () => 'reboot',
      async () => ({ path: '/v1/reboot', accepted: 'reboot' }),
    ),
}

export const actionVerbs: readonly Command<Input>[] = [restart, reboot]

/** Where keel asks for something, and what the agent accepts then. */
interface Act extends Omit<NodeDone, 'host'> {
  readonly path: string
}

type ActOf = (place: AgentPlace, access: ReturnType<AgentAsker['access']>) => Promise<Act>

/** Asks the user, then one agent after the other: the next one is left alone if one refuses. */
async function actOn(
  input: Input,
  io: Io,
  describe: (unit: string | undefined) => string,
  actOf: ActOf,
): Promise<ExitCode> {
  io.run.streams = input.json === true
  const asker = await agentAsker(input, 'operator', io)
  const names = asker.places.map(({ host }) => host.name)
  if (input.yes !== true) await confirm(`${describe(input.unit)} on ${names.join(', ')}`, io)
  for (const place of asker.places) {
    const { name } = place.host
    try {
      const access = asker.access()
      const { path, ...wanted } = await actOf(place, access)
      const accepted = await ask(place, access, 'accepted', { method: 'POST', path })
      if (accepted === undefined) throw unknownThere(name)
      if (accepted.accepted !== wanted.accepted || accepted.unit !== wanted.unit)
        throw wrongAnswer(name, 'the agent accepted something else than keel has asked for')
      if (input.json) io.stdout.write(`${visibleJson(timed({ ...accepted, host: name } satisfies NodeDone))}\n`)
      else
        io.print(
          `${name}: ${accepted.accepted}${accepted.unit === undefined ? '' : ` of ${accepted.unit}`} is under way`,
        )
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      tellFailure({ host: name, fault: plainFault(error) }, input, io)
      return error.exit === ExitCode.Unreachable ? ExitCode.Unreachable : ExitCode.Failed
    }
  }
  return ExitCode.Done
}

async function confirm(what: string, io: Io): Promise<void> {
  const answer = await io.ask(`${what}? (yes/no) [no]: `)
  if (answer !== undefined && ['y', 'yes'].includes(answer.trim().toLowerCase())) return
  throw new KeelError({
    code: 'node-declined',
    found: 'nothing was done',
    ...(answer === undefined
      ? {
          why: 'keel asks first, and can only ask if both stdin and stderr are a terminal',
          todo: 'use --yes to do it without a question',
        }
      : {}),
  })
}

function unknownThere(at: string): KeelError {
  return new KeelError({
    code: 'agent-answer',
    at,
    found: 'the agent has no such unit, or is older than this keel',
    todo: 'see `keel node services`, and `keel plan`',
  })
}
