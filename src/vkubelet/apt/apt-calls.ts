import { type Ended, runOnce } from './run-once.ts'

/** Milliseconds: a mirror that is slow, and scripts of a package. systemd ends the unit then, with all its processes. */
const LONGEST = { read: 30_000, update: 120_000, install: 600_000 }

/** The unit in which apt and dpkg run: there is one at a time, also if the program was started again meanwhile. */
export const APT_UNIT = 'keel-vkubelet-apt.service'

export interface AptCalls {
  /** Without a lock and without a unit: it changes nothing. */
  read(words: readonly string[]): Promise<Ended>
  update(words: readonly string[]): Promise<Ended>
  /** Starts no daemon. */
  install(words: readonly string[]): Promise<Ended>
}

/**
 * apt in a unit of its own: a restart of the program does not end a half-done installation. The host's policy-rc.d is
 * replaced within the unit alone (invoke-rc.d: 101 forbids every start).
 * @param policy a program that ends with 101, on a file system whose programs can be run
 */
export function aptCalls(policy: string, signal: AbortSignal): AptCalls {
  const inUnit = (words: readonly string[], longest: number) =>
    runOnce(
      [
        'systemd-run',
        ...['--quiet', '--wait', '--pipe', '--collect', `--unit=${APT_UNIT}`],
        `--property=BindReadOnlyPaths=${policy}:/usr/sbin/policy-rc.d`,
        `--property=RuntimeMaxSec=${longest / 1000}`,
        ...['--property=PrivateTmp=yes', '--property=CPUWeight=50', '--property=OOMScoreAdjust=0'],
        ...['--setenv=DEBIAN_FRONTEND=noninteractive', '--setenv=LC_ALL=C', '--setenv=NEEDRESTART_SUSPEND=1'],
        '--',
        ...words,
      ],
      longest + 10_000,
      signal,
    )
  return {
    read: (words) => runOnce(words, LONGEST.read, signal),
    update: (words) => inUnit(words, LONGEST.update),
    install: (words) => inUnit(words, LONGEST.install),
  }
}
