import * as z from 'zod'
import { jsonText } from '../../model/text/json-text.ts'
import type { BoundedLine } from '../helper/bounded-lines.ts'
import type { JournalLine } from './journal-line.ts'

/** Characters of a message. */
const LONGEST = 16_384
/** syslog(3): what journald gives to a line without one. */
const INFO = 6

/**
 * `journalctl --output=json`: all values are texts, but a message that is no UTF-8 is a list of bytes, one that a
 * program has sent several times a list of these, and an empty one may be null (systemd.io/JOURNAL_EXPORT_FORMATS).
 */
const message = z.union([
  z.string(),
  z.array(z.int().min(0).max(255)).transform((bytes) => Buffer.from(bytes).toString()),
  z.null().transform(() => ''),
  z.array(z.string()).transform((texts) => texts.join('\n')),
])
const entry = z.object({
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,17}$/),
  PRIORITY: z
    .string()
    .regex(/^[0-7]$/)
    .optional()
    .catch(undefined),
  MESSAGE: message.optional().catch(undefined),
})

/** @returns undefined for a line that is not the journal's */
export function journalLine({ text, isCut }: BoundedLine, unit: string): JournalLine | undefined {
  const found = isCut ? cutEntry(text) : entry.safeParse(jsonText.safeParse(text).data).data
  if (found === undefined) return undefined
  const { __REALTIME_TIMESTAMP: time, PRIORITY: priority, MESSAGE: all = '' } = found
  const isLong = all.length > LONGEST
  return {
    time: timeOf(time),
    unit,
    priority: priority === undefined ? INFO : Number(priority),
    message: isLong ? all.slice(0, LONGEST) : all,
    ...(isCut || isLong ? { cut: true } : {}),
  }
}

/** The beginning of such a line, which is no JSON any more: the message ends where the line was cut. */
function cutEntry(text: string): z.output<typeof entry> | undefined {
  const [, time] = /"__REALTIME_TIMESTAMP":"(\d{1,17})"/.exec(text) ?? []
  if (time === undefined) return undefined
  const [, priority] = /"PRIORITY":"([0-7])"/.exec(text) ?? []
  const [, quoted] = /"MESSAGE":"((?:[^"\\]|\\(?:[^u]|u[0-9a-f]{4}))*)/.exec(text) ?? []
  const [, bytes] = /"MESSAGE":\[((?:\d+,)*)/.exec(text) ?? []
  const all =
    quoted === undefined ? Buffer.from((bytes ?? '').split(',').slice(0, -1).map(Number)).toString() : unquoted(quoted)
  return { __REALTIME_TIMESTAMP: time, PRIORITY: priority, MESSAGE: all }
}

function unquoted(quoted: string): string {
  return z
    .string()
    .catch('')
    .parse(jsonText.safeParse(`"${quoted}"`).data)
}

/** @param microseconds since the epoch, in digits */
function timeOf(microseconds: string): string {
  const padded = microseconds.padStart(7, '0')
  const seconds = Number(padded.slice(0, -6))
  return `${new Date(seconds * 1000).toISOString().slice(0, -5)}.${padded.slice(-6)}Z`
}
