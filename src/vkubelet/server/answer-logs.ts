import type { ServerResponse } from 'node:http'
import { drained } from '../../agent/server/drained.ts'
import { runOutput } from '../host/run-output.ts'
import { logQuery } from '../logs/log-query.ts'
import { LogText } from '../logs/log-text.ts'
import { loggedRun } from '../logs/logged-run.ts'
import type { ContainerRef } from '../names/container-ref.ts'
import type { LogsRequest } from '../requests/kubelet-request.ts'
import { Refused } from './kubelet-answers.ts'
import { containerAt, type NodeView } from './node-view.ts'

/**
 * Answers `kubectl logs`. The headers go before the first line, because a container may be silent for long. The next line
 * is read when the client has taken those before it, so a client that does not read costs some kilobytes.
 * @throws Refused
 */
export async function answerLogs(
  view: NodeView,
  { container: ref, query: asked }: LogsRequest,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const query = logQuery(asked, Date.now())
  if ('fault' in query) throw new Refused(400, query.fault)
  const { pod, container, situation } = await containerAt(view, ref)
  const run = loggedRun({ pod, container, situation, previous: query.previous })
  if (run.kind === 'none') throw new Refused(400, run.why)
  const { invocation, isOver } = run
  response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.flushHeaders()
  const text = new LogText(query)
  const output = runOutput({
    invocation,
    // of a run that is over there is no more
    query: { ...query, follow: query.follow && !isOver },
    isOver: () => hasEnded(view, ref, invocation),
    signal,
  })
  for await (const entry of output) {
    if (signal.aborted || text.isFull) break
    if (!response.write(text.add(entry))) await drained(response, signal)
  }
  response.end()
}

/** Whether a run of a container has ended, or was followed by another one. */
export async function hasEnded(view: NodeView, ref: ContainerRef, invocation: string): Promise<boolean> {
  try {
    const { situation } = await containerAt(view, ref)
    const isUnderWay = situation.kind === 'running' || situation.kind === 'starting'
    return !isUnderWay || situation.invocation !== invocation
  } catch (error) {
    if (error instanceof Refused) return true
    throw error
  }
}
