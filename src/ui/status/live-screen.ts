import type { StyledText } from '../../model/text/styled-text.ts'
import { painted } from '../style.ts'

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number }

/** A screen that is drawn again in its place. */
export interface LiveScreen {
  draw(text: StyledText): void
  readonly columns: number
}

/** Where there is no terminal. */
const PIPE_COLUMNS = 120

/** The columns for a screen. */
export function screenColumns({ isTTY, columns }: Output): number {
  return isTTY === true ? (columns ?? 80) : PIPE_COLUMNS
}

/**
 * On a terminal each screen takes the place of the one before, in one write and without clearing first, so nothing
 * flickers. The last one stays when keel ends. Lines for which the terminal has no room are left out: the cursor could
 * not go back to them. On a pipe, each screen that differs from the one before is written below it.
 */
export function liveScreen(stdout: Output, colors: boolean): LiveScreen {
  let height = 0
  let before = ''
  return {
    get columns() {
      return screenColumns(stdout)
    },
    draw(text) {
      if (stdout.isTTY !== true) {
        const shown = painted(text, colors)
        // the clock in the first line goes on by itself
        const [, ...rest] = shown.split('\n')
        if (rest.join('\n') !== before) stdout.write(`${shown}\n\n`)
        before = rest.join('\n')
        return
      }
      const room = Math.max(3, (stdout.rows ?? 24) - 2)
      const lines = painted(text.slice(0, room), colors).split('\n')
      if (text.length > room) lines.push(`… and ${text.length - room} more lines`)
      const up = height === 0 ? '' : `\u001b[${height}A`
      stdout.write(`${up}\r${lines.map((line) => `${line}\u001b[K\n`).join('')}\u001b[J`)
      height = lines.length
    },
  }
}
