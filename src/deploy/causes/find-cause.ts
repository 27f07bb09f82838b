import type { Cause } from './cause.ts'
import type { Dialect } from './dialect.ts'

/** A line of the journal, and how many seconds ago it was written. */
export interface HeardLine {
  readonly age: number
  readonly text: string
}

export interface FoundCause {
  /** What the program said, each line once, oldest first. */
  readonly lines: readonly string[]
  /** Absent if keel does not know what the line means. */
  readonly why?: string
  readonly cure?: string
}

/** A program that tries again and again says so at least this often. */
const stillSaid = 20

/**
 * Why a program does not run. The last line before it exited has priority, even if keel does not know that line; then
 * keel guesses no other cause. If it continues to run, only what it still prints counts. What it printed before its
 * first healthy moment does not count, unless it exits again and again.
 * @param gone it does not run now, or ends again and again
 */
export function findCause(heard: readonly HeardLine[], gone: boolean, dialect: Dialect): FoundCause | undefined {
  const { isUp, wasOrdered, begins } = dialect
  const all = heard.map(({ age, text }) => ({ age, text: withoutTime(text) }))
  const lines = all.slice(begins === undefined ? 0 : all.findLastIndex(({ text }) => begins.test(text)) + 1)
  const starts = lines.flatMap(({ text }, index) => (isUp.test(text) ? [index + 1] : []))
  const ends = lines
    .slice(gone ? 0 : (starts[0] ?? 0))
    .filter(({ text }) => dialect.ends.test(text) && wasOrdered?.test(text) !== true)
  if (ends.length > 0)
    return described(
      ends.map(({ text }) => text),
      dialect,
    )
  const last = lines
    .slice(starts.at(-1) ?? 0)
    .findLast(({ age, text }) => age <= stillSaid && causeOf(text, dialect) !== undefined)
  return last === undefined ? undefined : described([last.text], dialect)
}

function described(said: readonly string[], dialect: Dialect): FoundCause {
  const lines = [...new Set(said)]
  const last = causeOf(lines.at(-1) ?? '', dialect)
  const first = last?.leftByAnother === true ? causeOf(lines[0] ?? '', dialect) : undefined
  const those = dialect.begins === undefined ? [first, last] : lines.map((line) => causeOf(line, dialect))
  const causes = [...new Set(those.flatMap((cause) => cause ?? []))]
  const shown = lines.length <= 3 ? lines : [lines[0] ?? '', ...lines.slice(-2)]
  if (causes.length === 0) return { lines: shown }
  return {
    lines: shown,
    why: causes.map(({ why }) => why).join('; then '),
    cure: causes.map(({ cure }) => cure).join('; then '),
  }
}

function causeOf(line: string, { causes }: Dialect): Cause | undefined {
  return causes.find(({ says }) => says.some((text) => line.includes(text)))
}

/** k3s, kubelet and kubeadm write their own time into a line: without it equal lines are equal. */
function withoutTime(text: string): string {
  return text.replace(/^time="[^"]*" /, '').replace(/^([EWIF])\d{4} [\d:.]+ +\d+ /, '$1 ')
}
