import * as z from 'zod'
import { ExitCode, KeelError } from '../errors.ts'
import { PrototypeKey, parseJson } from '../files/json.ts'
import type { Recipient, Sha256 } from '../model/brands.ts'

/** It is beside the secrets and, like them, in git. */
export const RECORD_FILE = 'secrets/recipients.json'

/**
 * Records the readers of files with age1 recipients, because their stanzas name no reader, and a check must not need a
 * private key. An entry is valid only for one content of its file. So an entry that is wrong by accident (a bad merge,
 * a file that was changed by hand) has no effect. An entry that somebody changed on purpose may be false:
 * claimed-readers.ts. Files with only SSH recipients show their readers themselves and have no entry, so there are
 * fewer lines to merge. The key of a CA also has the digest of its certificate there, because nothing else shows
 * without a private key whether the two belong together.
 */
export type RecipientRecord = Readonly<Record<string, RecordEntry>>
export interface RecordEntry {
  readonly sha256: string
  readonly recipients: readonly string[]
  /** The digest of the certificate that belongs to the key in this file. */
  readonly certificate?: string
}

const entry = z.strictObject({
  sha256: z.string(),
  recipients: z.array(z.string()),
  certificate: z.string().exactOptional(),
})
const schema = z.record(z.string(), entry)

/**
 * @throws KeelError `recipients-record` (exit 2) if the text is not a record, most likely because of conflict markers
 */
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

/**
 * One line for each value, sorted by file, so that two branches that change different secrets merge without a conflict.
 */
export function printRecord(record: RecipientRecord): string {
  return `${JSON.stringify(Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`
}

export function recordEntry(sha256: Sha256, recipients: readonly Recipient[], certificate?: Sha256): RecordEntry {
  return { sha256, recipients: [...recipients].sort(), ...(certificate === undefined ? {} : { certificate }) }
}
