import type { Helper } from '../helper/helper.ts'
import { HelperError } from '../helper/helper-error.ts'
import type { ServiceReport } from './services-report.ts'
import { unitStates } from './unit-states.ts'

/** Milliseconds until a look has ended: the helper looks every 30 s, and waits 30 s at most for systemd. */
const LONGEST = 90_000
/** Lines of a look: 80 units have 700. */
const MOST_LINES = 2_000

/**
 * The helper's looks at the units of the host, one every 30 s until it ends, after 50 minutes. One process of the helper for
 * all of them, because to start one takes the host 180 ms of processor time, and a look 15 ms.
 * @returns the units after each look; undefined where nothing has changed since the one before
 * @throws HelperError
 */
export async function* watchServices(
  helper: Helper,
  signal: AbortSignal,
): AsyncGenerator<readonly ServiceReport[] | undefined> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), LONGEST)
  try {
    let lines: string[] = []
    for await (const { text, isCut } of helper.follow('watch', AbortSignal.any([signal, late.signal]))) {
      if (isCut || lines.length >= MOST_LINES) throw new HelperError('the helper says too much')
      if (text !== 'looked') {
        lines.push(text)
        continue
      }
      timer.refresh()
      yield lines.length === 0 ? undefined : unitStates(lines)
      lines = []
    }
  } finally {
    clearTimeout(timer)
  }
}
