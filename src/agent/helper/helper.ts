import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { systemCode } from '../../errors.ts'
import { type HelperSocket, helperSockets } from '../../model/keel-agent/helper.ts'
import { type BoundedLine, boundedLines } from './bounded-lines.ts'
import { HelperError, UnknownUnit } from './helper-error.ts'

/** Milliseconds for a whole answer: less than the server waits for one. */
const LONGEST = 25_000
/** Bytes and lines of a whole answer. 60 units have 20 kB; 2,000 paths that differ have 300 kB. */
const MOST_BYTES = 2_097_152
const MOST_LINES = 20_000
/** Bytes of a line: a message of the journal with what JSON makes of it. */
const LONGEST_LINE = 65_536

export type Paths = Readonly<Record<HelperSocket, string>>

/** What has the rights that the agent does not have. */
export interface Helper {
  /** @returns the lines of an answer. @throws HelperError */
  ask(socket: HelperSocket, request: string): Promise<readonly string[]>
  /** Lines as they come, until the helper ends, or `signal`. @throws HelperError */
  follow(request: string, signal: AbortSignal): AsyncGenerator<BoundedLine>
}

export function helperAt(paths: Paths = helperSockets): Helper {
  const looks = new Map<string, Promise<readonly string[]>>()
  return {
    ask(socket, request) {
      if (socket === 'act') return whole(paths.act, request)
      // the same question meanwhile gets the same answer, so many questions at once are not many programs
      const found =
        looks.get(request) ??
        whole(paths.look, request).finally(() => {
          looks.delete(request)
        })
      looks.set(request, found)
      return found
    },
    follow: (request, signal) => answer(paths.look, request, signal),
  }
}

async function whole(path: string, request: string): Promise<readonly string[]> {
  const found: string[] = []
  let bytes = 0
  for await (const { text, isCut } of answer(path, request, AbortSignal.timeout(LONGEST), MOST_BYTES)) {
    bytes += text.length
    if (isCut || bytes > MOST_BYTES || found.length >= MOST_LINES) throw new HelperError('the helper says too much')
    found.push(text)
  }
  return found
}

async function* answer(
  path: string,
  request: string,
  signal: AbortSignal,
  mostSkipped?: number,
): AsyncGenerator<BoundedLine> {
  const socket = await connected(path, signal)
  const stop = () => socket.destroy()
  signal.addEventListener('abort', stop)
  try {
    socket.write(`${request}\n`)
    for await (const line of boundedLines(socket, LONGEST_LINE, mostSkipped)) {
      const [, word] = /^end\t([a-z-]{1,40})$/.exec(line.text) ?? []
      if (word === 'ok') return
      if (word === 'unknown-unit') throw new UnknownUnit()
      if (word !== undefined) throw new HelperError(`the helper answers: ${word}`)
      yield line
    }
  } catch (error) {
    throw error instanceof HelperError ? error : whatFailed(error, signal)
  } finally {
    signal.removeEventListener('abort', stop)
    socket.destroy()
  }
  throw whatFailed(undefined, signal)
}

async function connected(path: string, signal: AbortSignal): Promise<Socket> {
  const socket = connect(path)
  try {
    await once(socket, 'connect', { signal })
    // an error while nobody reads would end the agent
    socket.on('error', () => undefined)
    return socket
  } catch (error) {
    socket.on('error', () => undefined).destroy()
    throw new HelperError(`the helper can’t be reached (${systemCode(error)})`)
  }
}

function whatFailed(error: unknown, signal: AbortSignal): HelperError {
  if (signal.aborted) return new HelperError('the helper did not end its answer in time')
  return new HelperError(
    error === undefined
      ? 'the helper stopped in the middle of an answer'
      : `the helper broke off (${systemCode(error)})`,
  )
}
