import type { Verbosity } from './run/run-record.ts'

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

/** Tells on stderr which hosts keel waits for. */
export interface WaitingLine {
  update(names: readonly string[], progress: { readonly answered: number; readonly of: number }): void
  /** Makes room for other output; the line appears again by itself. */
  clear(): void
  end(): void
}

/**
 * `first`: seconds before the line appears on a terminal. `every`: seconds between the lines elsewhere (in a log), and
 * before the first one.
 */
const first = 2
const every = 10

/**
 * On a terminal one line that is overwritten, elsewhere a line from time to time. If everything is quick, nothing
 * appears.
 */
export function waitingLine(stderr: Output, verbosity: Verbosity): WaitingLine {
  // other lines would get in between
  const isOneLine = stderr.isTTY === true && verbosity === 'normal'
  let waiting: readonly string[] = []
  let progress = { answered: 0, of: 0 }
  let drawn = false
  let seconds = 0
  const clear = () => {
    if (drawn) stderr.write('\r\u001b[K')
    drawn = false
  }
  const timer = setInterval(() => {
    seconds += 1
    if (waiting.length === 0 || seconds < first || verbosity === 'quiet') return
    const count = progress.of > 1 ? `${progress.answered} of ${progress.of} hosts answered, ` : ''
    const text = `${count}waiting for ${listed(waiting)} (${seconds} s)`
    if (isOneLine) {
      clear()
      stderr.write(text.slice(0, (stderr.columns ?? 80) - 1))
      drawn = true
    } else if (seconds % every === 0) stderr.write(`${text}\n`)
  }, 1000)
  timer.unref()
  return {
    update(names, now) {
      waiting = names
      progress = now
      if (names.length === 0) clear()
    },
    clear,
    end() {
      clearInterval(timer)
      clear()
    },
  }
}

function listed(names: readonly string[]): string {
  const more = names.length - 5
  return `${names.slice(0, 5).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
