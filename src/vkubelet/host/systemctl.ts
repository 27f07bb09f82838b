import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Milliseconds: systemd answers in some hundred, but a start of many units takes longer. */
const LONGEST = 120_000
/** Bytes of an answer: a unit takes less than one kilobyte. */
const MOST = 16_777_216

/** What systemctl has said. Nothing of it is secret: every user may read units. */
export class SystemctlError extends Error {}

/**
 * Asks systemd. The environment has nothing but what it needs, so nothing changes the form of the answer.
 * @throws SystemctlError with systemctl's own words
 */
export async function systemctl(...args: readonly string[]): Promise<string> {
  const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', SYSTEMD_COLORS: '0', TZ: 'UTC' }
  try {
    const { stdout } = await run('systemctl', ['--no-pager', ...args], { env, timeout: LONGEST, maxBuffer: MOST })
    return stdout
  } catch (error) {
    throw new SystemctlError(wordsOf(error))
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'systemctl failed'
  const stderr = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : ''
  if (stderr !== '') return stderr
  if ('killed' in error && error.killed === true) return `systemd did not answer within ${LONGEST / 1000} s`
  return `systemctl failed${'code' in error ? ` (${error.code})` : ''}`
}
