import { join } from 'node:path'
import type { Sha256 } from '../model/brands.ts'
import type { SecretRule } from '../model/cluster.ts'
import { sha256 } from './digest.ts'
import { parseRecord, RECORD_FILE, type RecipientRecord } from './record.ts'
import { type FileState, type KeyNames, staleness } from './staleness.ts'
import { readIfThere } from './transaction.ts'

/** The encrypted files of an inventory and the public record, read once. */
export interface Snapshot {
  readonly directory: string
  readonly rules: readonly SecretRule[]
  /** By file, those that exist. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly record: RecipientRecord
  readonly recordBytes: Uint8Array | undefined
}

/** @throws KeelError `recipients-record` (exit 2) */
export async function readSnapshot(directory: string, rules: readonly SecretRule[]): Promise<Snapshot> {
  const files = await Promise.all(rules.map(async ({ file }) => [file, await readIfThere(join(directory, file))] as const))
  const recordBytes = await readIfThere(join(directory, RECORD_FILE))
  return {
    directory,
    rules,
    files: new Map(files.flatMap(([file, bytes]) => (bytes === undefined ? [] : [[file, bytes]]))),
    record: recordBytes === undefined ? {} : parseRecord(recordBytes.toString()),
    recordBytes,
  }
}

export function stateOf(snapshot: Snapshot, rule: SecretRule, nameOf: KeyNames): FileState {
  return staleness(rule, snapshot.files.get(rule.file), snapshot.record[rule.file], nameOf)
}

/** The digest of a file as it was read, for whoever replaces it. */
export function digestIn(snapshot: Snapshot, file: string): Sha256 | undefined {
  const bytes = file === RECORD_FILE ? snapshot.recordBytes : snapshot.files.get(file)
  return bytes && sha256(bytes)
}
