import { ExitCode, KeelError } from '../errors.ts'
import { MOST_BYTES, MOST_PARSED_BYTES, readInventoryFile } from '../files/inventory-file.ts'
import type { Sha256 } from '../model/brands.ts'
import type { SecretRule } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../model/keel-agent/agent-ca.ts'
import { type KnownRecipients, knownRecipients } from './readers/known-recipients.ts'
import { parseRecord, RECORD_FILE, type RecipientRecord } from './record.ts'

/** The encrypted files of an inventory and the public record, read once. */
export interface Snapshot {
  readonly directory: string
  readonly rules: readonly SecretRule[]
  /** The existing files, by path. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly record: RecipientRecord
  readonly recordBytes: Uint8Array | undefined
  /** The certificate of the keel-agents' CA. */
  readonly agentCa: Uint8Array | undefined
  /** What this user's keel itself knows, whatever the record contains. */
  readonly known: KnownRecipients
}

/** @throws KeelError `recipients-record`, `secret-no-file` (exit 2) */
export async function readSnapshot(directory: string, rules: readonly SecretRule[]): Promise<Snapshot> {
  const files = await Promise.all(rules.map(async ({ file }) => [file, await readSecretFile(directory, file)] as const))
  const recordBytes = await readSecretFile(directory, RECORD_FILE)
  return {
    directory,
    rules,
    files: new Map(files.flatMap(([file, bytes]) => (bytes === undefined ? [] : [[file, bytes]]))),
    record: recordBytes === undefined ? {} : parseRecord(recordBytes.toString()),
    recordBytes,
    agentCa: rules.some(({ name }) => name === AGENT_CA_KEY)
      ? await readSecretFile(directory, AGENT_CA_CERTIFICATE_FILE)
      : undefined,
    known: recordBytes === undefined ? new Map() : knownRecipients(),
  }
}

/** The digest of a file as it was read, for code that replaces it. */
export function digestIn(snapshot: Snapshot, file: string): Sha256 | undefined {
  const bytes = file === RECORD_FILE ? snapshot.recordBytes : snapshot.files.get(file)
  return bytes && sha256(bytes)
}

/**
 * A file of the inventory; undefined if there is none.
 * @throws KeelError `inventory-file` (exit 2) for a link, a pipe or too large a file; `secret-no-file` (exit 2) if
 * something else is at its place, or the system refuses
 */
export async function readSecretFile(directory: string, file: string): Promise<Buffer | undefined> {
  try {
    return readInventoryFile(directory, file, file === RECORD_FILE ? MOST_PARSED_BYTES : MOST_BYTES)
  } catch (cause) {
    if (cause instanceof KeelError || !(cause instanceof Error && 'code' in cause)) throw cause
    const found = { EISDIR: 'a folder, where a file belongs', ENOTDIR: 'the folder that it belongs into is a file' }[
      `${cause.code}`
    ]
    throw new KeelError({
      code: 'secret-no-file',
      at: file,
      found: found ?? `this file can't be read: ${cause.code}`,
      todo:
        found === undefined
          ? 'correct its permissions'
          : 'move away what is in its place, or restore the file from git',
      exit: ExitCode.Usage,
      cause,
    })
  }
}
