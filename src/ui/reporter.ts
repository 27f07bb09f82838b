import type { Event, Sent } from '../deploy/event.ts'
import { oneLine } from '../model/text/one-line.ts'
import { Activities } from './activities.ts'
import { describeSent } from './describe-sent.ts'
import { eventLines } from './event-lines.ts'
import { timed } from './run/lines.ts'
import type { RunRecord } from './run/run-record.ts'
import { painted } from './style.ts'
import { notedText, visible, visibleJson } from './visible.ts'
import { fitLines } from './wrap-lines.ts'

/** Receives the events. `end` restores the terminal for the next program. */
export interface Reporter {
  report(event: Event): void
  sent(sent: Sent): void
  end(): void
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

interface Outputs {
  readonly json: boolean
  readonly stdout: Output
  readonly stderr: Output
  /** Of stderr. */
  readonly colors?: boolean
  /** Gets every event, however it is shown. */
  readonly run: RunRecord
}

/** JSON lines for programs, a live line for each host on a terminal, plain lines elsewhere. */
export function reporterFor(outputs: Outputs): Reporter {
  const { report, sent, end } = shownBy(outputs)
  return {
    report(event) {
      outputs.run.event(event)
      report(event)
    },
    sent,
    end,
  }
}

function shownBy({ json, stdout, stderr, colors = false, run }: Outputs): Reporter {
  if (json)
    return { report: (event) => void stdout.write(`${visibleJson(timed(event))}\n`), sent: nothing, end: nothing }
  if (run.verbosity === 'quiet') return faultReporter(stderr, colors)
  // a live line would have the lines about scripts in between
  return stderr.isTTY && run.verbosity === 'normal' ? liveReporter(stderr, colors) : plainReporter(stderr, colors)
}

const nothing = () => undefined

/** Only what went wrong. */
function faultReporter(output: Output, colors: boolean): Reporter {
  return {
    report(event) {
      const isFault = ['failed', 'not-switched', 'behind'].includes(event.event)
      const lines = isFault ? eventLines(event) : undefined
      if (lines !== undefined) output.write(`${painted(fitLines(lines, output), colors)}\n`)
    },
    sent: nothing,
    end: nothing,
  }
}

/** Milliseconds between two lines about pushing to a host, where there is no terminal. */
const SENT_MS = 10_000

function plainReporter(output: Output, colors: boolean): Reporter {
  const told = new Map<string, number>()
  const activities = new Activities()
  const waited = new Set<string>()
  return {
    report(event) {
      const lines = eventLines(event)
      if (lines !== undefined) output.write(`${painted(fitLines(lines, output), colors)}\n`)
      for (const [host, activity] of activities.update(event)) {
        // the host that it waits for changes with every server, so keel prints this once
        const waits = /^waiting for (?!its turn)/.test(activity) && !('host' in event && event.host === host)
        const isOwn = 'host' in event && event.host === host && activity !== 'waiting for its turn'
        if (isOwn || (waits && !waited.has(host))) output.write(notedText(`${host}: ${activity}`))
        if (waits) waited.add(host)
      }
    },
    sent(sent) {
      const text = describeSent(sent)
      const now = performance.now()
      const last = told.get(sent.host)
      if (last !== undefined && now - last < SENT_MS) return
      told.set(sent.host, now)
      if (last !== undefined && text !== undefined) output.write(notedText(`${sent.host}: ${text}`))
    },
    end: () => undefined,
  }
}

/** Finished lines scroll. Below them is one line for each host at work, which keel overwrites as the work continues. */
function liveReporter(output: Output, colors: boolean): Reporter {
  const activities = new Activities()
  const working = new Map<string, { activity: string; since: number }>()
  let drawn = 0
  const erase = () => {
    if (drawn > 0) output.write(`\u001b[${drawn}A\u001b[J`)
    drawn = 0
  }
  const draw = () => {
    const width = (output.columns ?? 80) - 1
    for (const [host, { activity, since }] of working) {
      const seconds = Math.round((performance.now() - since) / 1000)
      output.write(`${oneLine(visible(`${host}: ${activity} (${seconds} s)`)).slice(0, width)}\n`)
    }
    drawn = working.size
  }
  const timer = setInterval(() => {
    erase()
    draw()
  }, 1000)
  timer.unref()
  return {
    report(event) {
      erase()
      const lines = eventLines(event)
      if (lines !== undefined) output.write(`${painted(fitLines(lines, output), colors)}\n`)
      for (const [host, activity] of activities.update(event))
        working.set(host, { activity, since: working.get(host)?.since ?? performance.now() })
      if (event.event === 'done' || event.event === 'failed' || event.event === 'not-switched')
        working.delete(event.host)
      draw()
    },
    // the timer draws it
    sent(sent) {
      const activity = describeSent(sent)
      const since = working.get(sent.host)?.since
      if (activity !== undefined && since !== undefined) working.set(sent.host, { activity, since })
    },
    end() {
      clearInterval(timer)
      erase()
    },
  }
}
