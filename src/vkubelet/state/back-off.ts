import type { RestartPolicy } from '../pod/pod.ts'
import type { End } from '../units/end.ts'

/** Seconds: kubelet's MaxContainerBackOff and its first step. */
const FIRST = 10
const LONGEST = 300
/** A run of so many seconds counts as a good one: after it, the pauses begin anew. */
const GOOD_RUN = 600

/**
 * The pause before the next run: none after the first end, then 10 s, and twice as long each time up to 300 s.
 * @param pause before the run that has ended, in seconds; undefined for the first run
 */
export function nextPause(pause: number | undefined, { started, finished }: End): number {
  const lasted = started === undefined || finished === undefined ? 0 : (finished - started) / 1000
  if (pause === undefined || lasted >= GOOD_RUN) return 0
  return pause === 0 ? FIRST : Math.min(pause * 2, LONGEST)
}

/** Whether a container that has ended runs again. An init container that has done its work does not. */
export function runsAgain(policy: RestartPolicy, { exitCode }: End, isInit: boolean): boolean {
  if (exitCode === 0) return policy === 'Always' && !isInit
  return policy !== 'Never'
}
