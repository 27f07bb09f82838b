import type { Cause } from './cause.ts'
import { machineCauses } from './machine.ts'
import { memberCauses } from './members.ts'
import { settingCauses } from './settings.ts'
import { tokenCauses } from './tokens.ts'

/**
 * The first that fits a line counts, so the more exact text comes first; `failed to get CA certs` carries the reasons
 * of others.
 */
export const knownCauses: readonly Cause[] = [...tokenCauses, ...settingCauses, ...machineCauses, ...memberCauses]

/** A line of the journal, and how many seconds ago it was written. */
export interface HeardLine {
  readonly age: number
  readonly text: string
}

export interface FoundCause {
  /** What k3s said, each line once, oldest first. */
  readonly lines: readonly string[]
  /** Absent if keel does not know what the line means. */
  readonly why?: string
  readonly cure?: string
}

/** Words of a line after which k3s exits. The host looks for them, beside those of the known causes. */
export const lastWords = [
  'level=fatal',
  'Shutdown request received',
  'panic: ',
  'Failed at step',
  'Failed to set up credentials',
]
const endsK3s =
  /level=fatal|Shutdown request received|^panic: |^F \S+:\d+\] |Failed at step|Failed to set up credentials/
/** An end that was ordered tells nothing. */
const wasOrdered =
  /Shutdown request received:[\s\\"]*(context canceled|(signal: )?(terminated|interrupt)|<nil>)?[\s\\"]*$/
const isUp = /k3s (agent )?is up and running/

/** A program that tries again and again says so at least this often. */
const stillSaid = 20

/**
 * Why k3s does not run. The last line before it exited has priority, even if keel does not know that line; then keel
 * guesses no other cause. If k3s continues to run, only what it still prints counts. What it printed before its first
 * healthy moment does not count, unless it exits again and again.
 * @param gone k3s does not run now, or ends again and again
 */
export function findCause(heard: readonly HeardLine[], gone: boolean): FoundCause | undefined {
  const lines = heard.map(({ age, text }) => ({ age, text: withoutTime(text) }))
  const starts = lines.flatMap(({ text }, index) => (isUp.test(text) ? [index + 1] : []))
  const ends = lines
    .slice(gone ? 0 : (starts[0] ?? 0))
    .filter(({ text }) => endsK3s.test(text) && !wasOrdered.test(text))
  if (ends.length > 0) return described(ends.map(({ text }) => text))
  const last = lines
    .slice(starts.at(-1) ?? 0)
    .findLast(({ age, text }) => age <= stillSaid && causeOf(text) !== undefined)
  return last === undefined ? undefined : described([last.text])
}

function described(said: readonly string[]): FoundCause {
  const lines = [...new Set(said)]
  const last = causeOf(lines.at(-1) ?? '')
  const first = last?.leftByAnother === true ? causeOf(lines[0] ?? '') : undefined
  const causes = [...new Set([first, last].flatMap((cause) => cause ?? []))]
  const shown = lines.length <= 3 ? lines : [lines[0] ?? '', ...lines.slice(-2)]
  if (causes.length === 0) return { lines: shown }
  return {
    lines: shown,
    why: causes.map(({ why }) => why).join('; then '),
    cure: causes.map(({ cure }) => cure).join('; then '),
  }
}

function causeOf(line: string): Cause | undefined {
  return knownCauses.find(({ says }) => says.some((text) => line.includes(text)))
}

/** k3s writes its own time into each line: without it equal lines are equal. */
function withoutTime(text: string): string {
  return text.replace(/^time="[^"]*" /, '').replace(/^([EWIF])\d{4} [\d:.]+ +\d+ /, '$1 ')
}
