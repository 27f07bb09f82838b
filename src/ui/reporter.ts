import type { Event } from '../deploy/event.ts'
import { oneLine } from '../model/one-line.ts'
import { currentActivity, describeEvent } from './describe-event.ts'
import { notedText, visible, visibleJson } from './visible.ts'

/** Where events go. `end` leaves the terminal as a program expects it. */
export interface Reporter {
  report(event: Event): void
  end(): void
}

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** JSON lines for programs, a live line per host on a terminal, plain lines elsewhere. */
export function reporterFor({
  json,
  stdout,
  stderr,
}: {
  readonly json: boolean
  readonly stdout: Output
  readonly stderr: Output
}): Reporter {
  if (json) return { report: (event) => void stdout.write(`${visibleJson(event)}\n`), end: () => undefined }
  return stderr.isTTY ? liveReporter(stderr) : plainReporter(stderr)
}

function plainReporter(output: Output): Reporter {
  return {
    report(event) {
      const activity = currentActivity(event)
      const text =
        describeEvent(event) ?? (activity === undefined || !('host' in event) ? undefined : `${event.host}: ${activity}`)
      if (text !== undefined) output.write(notedText(text))
    },
    end: () => undefined,
  }
}

/** Finished lines scroll; below them stands one line for each host at work, written over as it goes on. */
function liveReporter(output: Output): Reporter {
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
      const text = describeEvent(event)
      if (text !== undefined) output.write(notedText(text))
      const activity = currentActivity(event)
      if (activity !== undefined)
        working.set(event.host, { activity, since: working.get(event.host)?.since ?? performance.now() })
      if (event.event === 'done' || event.event === 'failed' || event.event === 'not-switched') working.delete(event.host)
      draw()
    },
    end() {
      clearInterval(timer)
      erase()
    },
  }
}
