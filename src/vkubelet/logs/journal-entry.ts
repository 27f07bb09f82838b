import * as z from 'zod'
import { jsonText } from '../../model/text/json-text.ts'

/** A piece of what a container has written: a line, or a part of a long one. */
export interface JournalEntry {
  readonly cursor: string
  /** Microseconds since 1970. */
  readonly time: number
  readonly bytes: Buffer
  /** stdout and stderr are two, and only so do they differ. */
  readonly stream: string
  /** The line goes on with the next entry of its stream: journald cuts at 48 KiB (LineMax= in journald.conf(5)). */
  readonly goesOn: boolean
}

/** journald has cut nothing, but a line of JSON is longer by its escapes: six for each control character. */
export const LONGEST_ENTRY = 4_194_304

/**
 * `journalctl --output=json`: what is no UTF-8 is a list of bytes, a field that comes several times a list of texts
 * (systemd.io/JOURNAL_EXPORT_FORMATS).
 */
const message = z.union([
  z.string().transform((text) => Buffer.from(text)),
  z.array(z.int().min(0).max(255)).transform((bytes) => Buffer.from(bytes)),
  z.null().transform(() => Buffer.alloc(0)),
  z.array(z.string()).transform((texts) => Buffer.from(texts.join('\n'))),
])
const entry = jsonText.pipe(
  z.looseObject({
    __CURSOR: z.string().regex(/^[\w=;-]{1,500}$/),
    __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,16}$/),
    MESSAGE: message.optional(),
    _LINE_BREAK: z.string().optional().catch(undefined),
    _STREAM_ID: z.string().max(100).optional().catch(undefined),
  }),
)

/** @returns undefined for a line that is not the journal's */
export function journalEntry(text: string): JournalEntry | undefined {
  const { data } = entry.safeParse(text)
  if (data === undefined) return undefined
  return {
    cursor: data.__CURSOR,
    time: Number(data.__REALTIME_TIMESTAMP),
    bytes: data.MESSAGE ?? Buffer.alloc(0),
    stream: data._STREAM_ID ?? '',
    goesOn: data._LINE_BREAK === 'line-max',
  }
}
