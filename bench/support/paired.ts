import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'

const root = new URL('../..', import.meta.url).pathname

/**
 * keel as a shell starts it, by its first line, where node's options are; found in PATH is the node that runs the
 * benchmark.
 */
export const keel = `${root}bin/keel.js`
/** keel as one file, there after `npm run build:executable`. */
export const executable = `${root}dist/executable/keel-linux-${process.arch === 'x64' ? 'amd64' : process.arch}`
const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }

export interface Paired {
  /** Milliseconds, the median of each command. */
  readonly medians: readonly [number, number]
  /** The median of the ratios first / second, run by run. */
  readonly ratio: number
}

/**
 * Runs two things in turn, again and again, so that what else the machine does slows both. A first round of each is not
 * counted.
 * @param before makes ready for either of them, outside of its time
 */
export function paired(
  rounds: number,
  first: () => void,
  second: () => void,
  before: () => void = () => undefined,
): Paired {
  const made = (work: () => void) => {
    before()
    return timeOf(work)
  }
  const times = Array.from({ length: rounds + 1 }, () => [made(first), made(second)] as const).slice(1)
  return {
    medians: [median(times.map(([one]) => one)), median(times.map(([, other]) => other))],
    ratio: median(times.map(([one, other]) => one / other)),
  }
}

/** Runs a program to its end, its output thrown away. @throws when it fails */
export function run(
  command: string,
  args: readonly string[],
  options: { readonly input?: string; readonly expected?: number } = {},
): void {
  const { input = '', expected = 0 } = options
  const { status, stderr, error } = spawnSync(command, args, { cwd: root, env, input, maxBuffer: 1e9 })
  if (error !== undefined || status !== expected) throw new Error(`${command} ${args.join(' ')}: ${error ?? stderr}`)
}

function timeOf(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN
}

export function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
