import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../agent/log.ts'
import type { RunningCommand } from '../host/run-in-container.ts'
import { runOutput } from '../host/run-output.ts'
import { LogText } from '../logs/log-text.ts'
import { unitName } from '../names/unit-name.ts'
import { type CommandQuery, commandQuery } from '../remote-command/command-query.ts'
import { CommandSession } from '../remote-command/command-session.ts'
import type { Outcome } from '../remote-command/exit-status.ts'
import type { CommandRequest } from '../requests/kubelet-request.ts'
import { agreedProtocol } from './agreed-protocol.ts'
import { hasEnded } from './answer-logs.ts'
import { CommandInput } from './command-input.ts'
import { Refused } from './kubelet-answers.ts'
import { containerAt, type NodeView, type SeenContainer } from './node-view.ts'
import { openCommand } from './open-streams.ts'
import type { StreamConnection } from './stream-connection.ts'
import type { Upgraded } from './upgraded.ts'

/** Milliseconds. kubelet's own for the streams (DefaultStreamCreationTimeout); then for the client to close. */
const LONGEST = { streams: 30_000, closing: 10_000 }
/** Milliseconds for the output of others on the streams of a command that has ended. */
const REST = 1_000

interface Command {
  readonly unit: string
  readonly text: string
  readonly together: readonly string[]
}

interface Running {
  readonly view: NodeView
  /** Runs a command in a container. */
  run(container: Command, query: CommandQuery): Promise<RunningCommand>
  readonly log: Log
}

/** Answers `kubectl exec`, `cp` and `attach`. @throws Refused before anything of the protocol is answered */
export async function answerCommand(
  running: Running,
  { kind, container: ref, query: asked }: CommandRequest,
  upgraded: Upgraded,
): Promise<void> {
  const query = commandQuery(asked)
  if ('fault' in query) throw new Refused(400, query.fault)
  if (kind === 'exec' && query.command.length === 0) throw new Refused(400, 'you must specify a command')
  if (kind === 'attach' && query.stdin)
    throw new Refused(
      400,
      'a container of this Node is a unit of systemd, which has no stdin: attach without -i, or use exec -i',
    )
  const protocol = agreedProtocol(upgraded, 'command')
  const found = await containerAt(running.view, ref)
  if (found.situation.kind !== 'running' || found.text === undefined)
    throw new Refused(404, `container "${ref.container}" in pod "${ref.pod}" does not run`)
  const start = kind === 'exec' ? execution(running, found, found.text, query) : attachment(running, found, query)
  serve(running, { upgraded, protocol, query }, start)
}

type Start = () => Promise<RunningCommand>

function execution({ run }: Running, { pod, unit }: SeenContainer, text: string, query: CommandQuery): Start {
  const ref = { namespace: pod.namespace, pod: pod.name }
  const together = pod.containers.map(({ name }) => unitName({ ...ref, container: name }))
  return () => run({ unit, text, together }, query)
}

/** The output of a container from now on, as a command that only writes. */
function attachment({ view }: Running, { pod, container, situation }: SeenContainer, query: CommandQuery): Start {
  const invocation = situation.kind === 'running' ? situation.invocation : ''
  const ref = { namespace: pod.namespace, pod: pod.name, container }
  const leaving = new AbortController()
  return async () => {
    const text = new LogText({ timestamps: false })
    const output = runOutput({
      invocation,
      query: { follow: true, tail: 0 },
      isOver: () => hasEnded(view, ref, invocation),
      signal: leaving.signal,
    })
    const pieces = async function* () {
      for await (const entry of output) yield text.add(entry)
    }
    const stream = Readable.from(pieces())
    const outcome = new Promise<Outcome>((resolve) => {
      stream.once('close', () => resolve({ kind: 'exited', code: 0 }))
    })
    stream.on('error', () => undefined)
    return {
      // journald knows both streams, and not which is which
      ...(query.stdout ? { stdout: stream } : { stderr: stream }),
      resize: async () => undefined,
      end: () => leaving.abort(),
      outcome,
    }
  }
}

interface Served {
  readonly upgraded: Upgraded
  readonly protocol: string
  readonly query: CommandQuery
}

/** @throws Refused before anything is answered */
function serve({ log }: Running, { upgraded, protocol, query }: Served, start: Start): void {
  const { socket } = upgraded
  const begin = async () => {
    clearTimeout(late)
    try {
      const command = await start()
      input.attach(command)
      session.end(await outcomeOf(command, connection, session))
    } catch (error) {
      log.warn(`a command did not run: ${error instanceof Error ? error.message : 'failed'}`)
      session.end({ kind: 'failed', message: 'the command did not run; the journal of keel-vkubelet says more' })
      input.discard()
    }
    // the client has what it waits for, and closes
    setTimeout(() => socket.destroy(), LONGEST.closing).unref()
  }
  const connection: StreamConnection = openCommand(upgraded, protocol, query, {
    take(event) {
      for (const one of session.take(event)) {
        if (one.kind === 'start') void begin()
        else input.take(one)
      }
    },
    closed() {
      clearTimeout(late)
      if (session.close().length > 0) input.take({ kind: 'gone' })
    },
  })
  const late = setTimeout(() => socket.destroy(), LONGEST.streams)
  const input = new CommandInput(connection)
  const session = new CommandSession(connection.streams, query)
}

/** Passes on what a command writes, and waits for its end. */
async function outcomeOf(
  command: RunningCommand,
  connection: StreamConnection,
  session: CommandSession,
): Promise<Outcome> {
  let pieces = 0
  const pump = async (type: 'stdout' | 'stderr') => {
    for await (const bytes of command[type] ?? []) {
      pieces += 1
      session.write(type, bytes)
      await connection.drained()
    }
  }
  const pumped = Promise.allSettled([pump('stdout'), pump('stderr')])
  const outcome = await command.outcome
  // what it has written is on its way; others that have its streams, and stay, are not waited for
  for (let before = -1; before !== pieces || connection.drained() !== undefined; ) {
    before = pieces
    if ((await Promise.race([pumped, sleep(REST)])) !== undefined) break
  }
  command.stdout?.destroy()
  command.stderr?.destroy()
  return outcome
}
