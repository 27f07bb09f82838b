import { ExitCode, KeelError } from '../errors.ts'
import type { Host } from '../model/cluster.ts'
import { type AgentAccess, type AgentAnswer, askAgent, linesOf, textOf } from './agent-connection.ts'
import { brokeOff, refusedByAgent, wrongAnswer } from './agent-failure.ts'
import { type Answers, checkedAnswer, parsedAnswer } from './checked-answer.ts'

/** Where a host's agent is. */
export interface AgentPlace {
  readonly host: Pick<Host, 'name' | 'address' | 'nodeIPs'>
  readonly port: number
}

interface Asked {
  readonly method: 'GET' | 'POST'
  readonly path: string
}

/**
 * The answer of a host's agent to one question.
 * @returns undefined if this agent does not know the question yet
 * @throws KeelError, exit 6, if it does not answer; `agent-untrusted`, `agent-refused`, `agent-answer`
 */
export async function ask<Name extends keyof Answers>(
  place: AgentPlace,
  access: AgentAccess,
  name: Name,
  asked: Asked,
): Promise<Answers[Name] | undefined> {
  const { name: host } = place.host
  const answer = await reach(place, access, asked)
  const text = await textOf(host, answer, access.patience)
  // 503: the agent is not ready, and says why in the same form
  if (answer.status < 300 || (name === 'ready' && answer.status === 503)) return checkedAnswer(host, name, text)
  if (answer.status === 404) return undefined
  throw refusalIn(host, answer.status, text)
}

interface AskedStream {
  readonly path: string
  /** Lines. Absent for a stream that is followed. */
  readonly most: number | undefined
}

/**
 * The lines of a stream, until the agent ends it or a signal does. One that is followed may be silent for long.
 * @throws KeelError as `ask`, and `agent-answer` for a stream that breaks off
 */
export async function* streamOf<Name extends 'events' | 'journal'>(
  place: AgentPlace,
  access: AgentAccess,
  name: Name,
  { path, most }: AskedStream,
): AsyncGenerator<Answers[Name]> {
  const { name: host } = place.host
  const answer = await reach(place, access, { method: 'GET', path })
  if (answer.status !== 200) throw refusalIn(host, answer.status, await textOf(host, answer, access.patience))
  let count = 0
  try {
    for await (const line of linesOf(host, answer, most === undefined ? undefined : access.patience)) {
      const value = checkedAnswer(host, name, line)
      const isEnd = 'end' in value
      if (!isEnd && ++count > (most ?? Number.POSITIVE_INFINITY)) throw wrongAnswer(host, `more than ${most} lines`)
      yield value
      if (isEnd) return
    }
  } catch (error) {
    access.signal.throwIfAborted()
    throw error instanceof KeelError ? error : brokeOff(host)
  }
  throw brokeOff(host)
}

/** By the address of its SSH server, or where nothing answers there, by those of its node. */
async function reach({ host, port }: AgentPlace, access: AgentAccess, asked: Asked): Promise<AgentAnswer> {
  const addresses = [...new Set([host.address.host, ...host.nodeIPs])]
  for (const [index, address] of addresses.entries()) {
    try {
      return await askAgent({ name: host.name, address, port }, access, asked)
    } catch (error) {
      const isLast = index === addresses.length - 1
      if (isLast || !(error instanceof KeelError && error.exit === ExitCode.Unreachable)) throw error
    }
  }
  throw wrongAnswer(host.name, 'no address')
}

function refusalIn(host: string, status: number, text: string): KeelError {
  const refused = parsedAnswer('error', text)
  if (refused === undefined) return wrongAnswer(host, `an answer with the status ${status}`)
  return refusedByAgent(host, status, refused.error.message.slice(0, 500))
}
