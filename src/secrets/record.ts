import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { PrototypeKey, parseJson } from '../files/json.ts'
import type { Recipient, Sha256 } from '../model/brands.ts'

/** Beside the secrets and, like them, in git. */
export const RECORD_FILE = 'secrets/recipients.json'

/**
 * To whom the files with age1 recipients are encrypted: their stanzas name nobody, and a check must not need a private
 * key. An entry holds for one content of its file only, so one that is wrong by accident (a bad merge, a file changed
 * by hand) says nothing. One that somebody changed on purpose may say something false: claimed-readers.ts. Files with
 * SSH recipients only say it themselves and have no entry: fewer lines to merge.
 */
export type RecipientRecord = Readonly<Record<string, RecordEntry>>
export interface RecordEntry {
  readonly sha256: string
  readonly recipients: readonly string[]
}

const schema = z.record(z.string(), z.strictObject({ sha256: z.string(), recipients: z.array(z.string()) }))

/** @throws KeelError `recipients-record` (exit 2) when the text is no record: conflict markers, most likely. */
export function parseRecord(text: string): RecipientRecord {
  try {
    return schema.parse(parseJson(text))
  } catch (cause) {
    throw new KeelError({
      code: 'recipients-record',
      at: cause instanceof PrototypeKey ? `${RECORD_FILE}:${cause.line}` : RECORD_FILE,
      found: cause instanceof PrototypeKey ? cause.message : 'keel did not write this',
      why: 'it records the readers of files with age1 recipients',
      todo: 'after a merge keep either side of each conflict, or delete the file; `keel rekey` then completes it',
      exit: ExitCode.Usage,
      cause,
    })
  }
}

/** One line a value, sorted by file: two branches that touch different secrets merge without a conflict. */
export function printRecord(record: RecipientRecord): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`
}

export function recordEntry(sha256: Sha256, recipients: readonly Recipient[]): RecordEntry {
  return { sha256, recipients: [...recipients].sort() }
}
