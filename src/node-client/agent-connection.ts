import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { KeelError } from '../errors.ts'
import { agentFailure, brokeOff, NotTheAgent, tooSlow, wrongAnswer } from './agent-failure.ts'
import { agentIdentityFault, type TrustedCas } from './agent-identity-fault.ts'
import type { ClientCertificate } from './client-certificate.ts'

/** One host's agent, and as whom keel asks it. */
export interface AgentTarget {
  /** The name of its host and node. */
  readonly name: string
  readonly address: string
  readonly port: number
}

export interface AgentAccess {
  readonly cas: TrustedCas
  readonly client: Pick<ClientCertificate, 'certificate' | 'key'>
  readonly signal: AbortSignal
  readonly patience: Patience
}

/** Milliseconds that keel waits for a host. */
export interface Patience {
  /** Until the host has shown its certificate. */
  readonly start: number
  /** Until the headers of an answer, and its next bytes: a busy machine takes a while to look at itself. */
  readonly silence: number
  /** For all its bytes together, without the time in which keel itself is busy. */
  readonly whole: number
}

interface Asked {
  readonly method: 'GET' | 'POST'
  /** With its query. */
  readonly path: string
}

/** Bytes of an answer that is no stream. */
const MOST_BYTES = 1 << 20
/** Characters of a line of a stream: a message of the journal and what is around it. */
const LONGEST_LINE = 256 << 10

export interface AgentAnswer {
  readonly status: number
  readonly body: IncomingMessage
}

/**
 * Asks an agent one thing, over a connection of its own with TLS 1.3. Nothing is asked before the host has shown that
 * it is this node.
 * @throws KeelError `agent-unreachable` (exit 6), `agent-untrusted`, `agent-refused`
 */
export async function askAgent(
  { name, address, port }: AgentTarget,
  { cas, client, signal, patience }: AgentAccess,
  { method, path }: Asked,
): Promise<AgentAnswer> {
  let hasShown = false
  try {
    return await new Promise((resolve, reject) => {
      const asked = request({
        ...{ host: address, port, method, path, signal },
        minVersion: 'TLSv1.3',
        ca: [cas.agentCa, ...(cas.serverCa === undefined ? [] : [cas.serverCa])],
        cert: client.certificate,
        key: client.key,
        servername: name,
        agent: false,
        checkServerIdentity(_, { raw }) {
          const fault = agentIdentityFault(raw, name, cas)
          hasShown = fault === undefined
          return fault === undefined ? undefined : new NotTheAgent(fault)
        },
      })
      const giveUp = () => asked.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' }))
      let timer = setTimeout(giveUp, patience.start)
      asked.once('socket', (socket) =>
        socket.once('secureConnect', () => {
          clearTimeout(timer)
          timer = setTimeout(giveUp, patience.silence)
        }),
      )
      asked.on('error', reject)
      asked.once('response', (body) => resolve({ status: body.statusCode ?? 0, body }))
      asked.once('response', () => clearTimeout(timer))
      asked.once('upgrade', (_response, socket) => {
        socket.destroy()
        reject(wrongAnswer(name, 'an answer that changes to another protocol'))
      })
      asked.once('close', () => {
        clearTimeout(timer)
        reject(new Error('the connection ended without an answer'))
      })
      asked.end()
    })
  } catch (error) {
    signal.throwIfAborted()
    throw error instanceof KeelError ? error : agentFailure(name, error, hasShown)
  }
}

/** The whole text of an answer. @throws KeelError `agent-answer` for one that is too long, or that breaks off */
export async function textOf(host: string, { body }: AgentAnswer, patience: BodyPatience): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of partsOf(host, body, patience)) {
    const bytes = Buffer.from(part)
    length += bytes.length
    if (length > MOST_BYTES) throw wrongAnswer(host, `an answer of more than ${MOST_BYTES} bytes`)
    parts.push(bytes)
  }
  return Buffer.concat(parts).toString()
}

/**
 * The lines of a stream, as they come.
 * @param patience absent for a stream that may be silent
 * @throws KeelError `agent-answer` for a line that is too long, `agent-unreachable` for one that breaks off
 */
export async function* linesOf(
  host: string,
  { body }: AgentAnswer,
  patience: BodyPatience | undefined,
): AsyncGenerator<string> {
  let rest = ''
  body.setEncoding('utf8')
  for await (const part of partsOf(host, body, patience)) {
    const [first = '', ...more] = `${part}`.split('\n')
    const lines = [rest + first, ...more]
    rest = lines.pop() ?? ''
    if ([rest, ...lines].some((line) => line.length > LONGEST_LINE))
      throw wrongAnswer(host, `a line of more than ${LONGEST_LINE} characters`)
    yield* lines.filter((line) => line !== '')
  }
  if (rest !== '') yield rest
}

type BodyPatience = Pick<Patience, 'silence' | 'whole'>

/** Leaving the loop ends the connection. */
async function* partsOf(
  host: string,
  body: IncomingMessage,
  patience: BodyPatience | undefined,
): AsyncGenerator<Buffer | string> {
  const parts: AsyncIterator<Buffer | string> = body[Symbol.asyncIterator]()
  let left = patience?.whole ?? 0
  let isLate = false
  const end = () => {
    isLate = true
    body.destroy(new Error('late'))
  }
  try {
    for (;;) {
      const before = performance.now()
      const timer = patience && setTimeout(end, Math.min(patience.silence, left))
      const part = await parts.next().finally(() => clearTimeout(timer))
      left -= performance.now() - before
      if (part.done) return
      yield part.value
    }
  } catch {
    throw isLate ? tooSlow(host) : brokeOff(host)
  } finally {
    body.destroy()
  }
}
