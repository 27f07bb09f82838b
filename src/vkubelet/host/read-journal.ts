import { execFile, spawn } from 'node:child_process'
import { promisify } from 'node:util'
import { boundedLines } from '../../agent/helper/bounded-lines.ts'
import { type JournalEntry, journalEntry, LONGEST_ENTRY } from '../logs/journal-entry.ts'

const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SYSTEMD_COLORS: '0', TZ: 'UTC' }

/**
 * What journalctl prints. It reads on only when the next entry is asked for. Leaving the loop ends journalctl.
 * @throws Error where journalctl fails
 */
export async function* readJournal(args: readonly string[], signal: AbortSignal): AsyncGenerator<JournalEntry> {
  const child = spawn('journalctl', args, { env, stdio: ['ignore', 'pipe', 'ignore'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  // also where nobody waits for it
  ended.catch(() => undefined)
  const end = () => child.kill('SIGTERM')
  signal.addEventListener('abort', end)
  if (signal.aborted) end()
  try {
    for await (const { text, isCut } of boundedLines(child.stdout, LONGEST_ENTRY)) {
      const entry = isCut ? undefined : journalEntry(text)
      if (entry !== undefined) yield entry
    }
    const code = await ended
    if (code !== 0 && !signal.aborted) throw new Error(`journalctl ended with ${code}`)
  } finally {
    signal.removeEventListener('abort', end)
    end()
    child.stdout.destroy()
  }
}

/** Until journald has written what it has got so far: journalctl(1), --sync. */
export async function syncJournal(): Promise<void> {
  await promisify(execFile)('journalctl', ['--sync'], { env, timeout: 10_000 })
}
