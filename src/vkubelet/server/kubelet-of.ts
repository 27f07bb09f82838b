import type { Log } from '../../agent/log.ts'
import { measure } from '../host/measure.ts'
import { portOf } from '../host/port-of.ts'
import { type ExecFolders, runInContainer } from '../host/run-in-container.ts'
import type { Measured } from '../metrics/measured.ts'
import { nodeMetrics } from '../metrics/node-metrics.ts'
import { resourceMetrics } from '../metrics/resource-metrics.ts'
import { summary } from '../metrics/summary.ts'
import { readPod } from '../pod/read-pod.ts'
import { answerCommand } from './answer-command.ts'
import { answerForward } from './answer-forward.ts'
import { answerLogs } from './answer-logs.ts'
import { type KubeletAnswers, type PlainAnswer, text } from './kubelet-answers.ts'
import type { NodeView } from './node-view.ts'
import { Remembered } from './remembered.ts'

interface Wanted {
  readonly view: NodeView
  readonly folders: ExecFolders
  readonly log: Log
}

/** Milliseconds for which a measurement answers all who ask. */
const FRESH = 1_000

/** prometheus.io/docs/instrumenting/exposition_formats */
const EXPOSITION = 'text/plain; version=0.0.4; charset=utf-8'

/** The answers of this Node, from its host. */
export function kubeletOf({ view, folders, log }: Wanted): KubeletAnswers {
  const measurements = new Remembered<Measured>(() => FRESH)
  const webSockets = { exec: 0, attach: 0, portforward: 0 }
  /** The last summary, and what was measured before it. */
  let last: { readonly now: Measured; readonly before: Measured | undefined } | undefined
  const measured = () =>
    measurements.ask('now', () =>
      measure(
        view.pods().flatMap((object) => {
          const read = readPod(object, view.name)
          return read.kind === 'pod' ? [read.pod] : []
        }),
      ),
    )
  const metrics = (body: string): PlainAnswer => ({ status: 200, type: EXPOSITION, body })
  return {
    async plain({ kind }) {
      switch (kind) {
        case 'health':
          return text(200, 'ok')
        case 'pods':
          return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: view.pods() })
        case 'metrics':
          return metrics(nodeMetrics(view.name, await measured(), ownUse(), webSockets))
        case 'resource-metrics':
          return metrics(resourceMetrics(await measured()))
        case 'summary': {
          const now = await measured()
          if (last?.now !== now) last = { now, before: last?.now }
          return json(summary(view.name, now, last.before))
        }
      }
    },
    logs: (request, response, signal) => answerLogs(view, request, response, signal),
    async stream(request, upgraded) {
      if (upgraded.carrier === 'websocket') webSockets[request.kind === 'forward' ? 'portforward' : request.kind] += 1
      if (request.kind === 'forward') return answerForward({ view, portOf }, request, upgraded)
      const run: Parameters<typeof answerCommand>[0]['run'] = (container, query) =>
        runInContainer({ folders, container, query })
      return answerCommand({ view, run, log }, request, upgraded)
    },
  }
}

function json(value: object): PlainAnswer {
  return { status: 200, type: 'application/json', body: JSON.stringify(value) }
}

function ownUse() {
  const { user, system } = process.cpuUsage()
  return {
    cpu: (user + system) / 1e6,
    memory: process.memoryUsage.rss(),
    started: Math.round(Date.now() / 1000 - process.uptime()),
  }
}
