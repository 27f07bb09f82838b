import { nanoseconds } from './duration.ts'
import type { Refusal } from './kind.ts'

/**
 * github.com/robfig/cron/v3, ParseStandard, with which k3s reads `etcd-snapshot-schedule-cron`. In it a Sunday is 0,
 * never 7.
 */
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

interface Field {
  readonly name: string
  readonly least: number
  readonly most: number
  readonly words?: readonly string[]
}

const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  {
    name: 'month',
    least: 1,
    most: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of the week', least: 0, most: 6, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
]

export function readCron(text: string): string | Refusal {
  const zoned = /^(?:CRON_)?TZ=[A-Za-z0-9_+/-]{1,64} +(.+)$/.exec(text)?.[1] ?? text
  const every = /^@every (.+)$/.exec(zoned)?.[1]
  if (DESCRIPTORS.includes(zoned) || (every !== undefined && (nanoseconds(every) ?? 0) >= 1e9)) return text
  const parts = zoned.split(/ +/).filter((part) => part !== '')
  if (zoned.startsWith('@') || parts.length !== FIELDS.length || text.trim() !== text)
    return {
      why: "k3s takes five fields ('0 */5 * * *'), '@every 5h', or one of @hourly, @daily, @weekly, @monthly, @yearly",
    }
  const wrong = FIELDS.find((field, index) => !isField(field, parts[index] ?? ''))
  if (wrong === undefined) return text
  return { why: `its ${wrong.name} is a number from ${wrong.least} to ${wrong.most}, *, a range or a list of those` }
}

function isField(field: Field, text: string): boolean {
  return text.split(',').every((part) => {
    const [span = '', step, ...more] = part.split('/')
    if (more.length > 0 || (step !== undefined && !(/^\d{1,4}$/.test(step) && Number(step) > 0))) return false
    if (span === '*' || span === '?') return true
    const ends = span.split('-').map((end) => numberOf(field, end))
    const [low, high = low] = ends
    return (
      ends.length <= 2 &&
      low !== undefined &&
      high !== undefined &&
      low >= field.least &&
      high <= field.most &&
      low <= high
    )
  })
}

function numberOf({ words = [], least }: Field, text: string): number | undefined {
  const index = words.indexOf(text.toLowerCase())
  if (index >= 0) return index + least
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined
}
