import { ExitCode, FaultsError } from '../errors.ts'
import type { FileChange } from '../files/transaction/file-change.ts'
import type { Sha256 } from '../model/brands.ts'
import type { SecretRule } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { AGENT_CA_KEY } from '../model/keel-agent/agent-ca.ts'
import { encryptFile } from './age/file.ts'
import { isSsh } from './age/stanza-label.ts'
import { verifyAgentCa } from './pki/agent-ca.ts'
import { rememberRecipients } from './readers/known-recipients.ts'
import { recipientsOf } from './readers/staleness.ts'
import { printRecord, RECORD_FILE, type RecordEntry, recordEntry } from './record.ts'
import { digestIn, type Snapshot } from './snapshot.ts'

export interface ClearSecret {
  readonly rule: SecretRule
  /** In plain text; zeroed after encryption. */
  readonly value: Uint8Array
  /** In PEM, of a CA whose key this is and that is as new. */
  readonly certificate?: Uint8Array
}

/**
 * Encrypts values to the readers of their rules.
 * @returns the files to write, with the public record if it changes
 * @throws KeelError `agent-ca` (exit 2) for a key of the keel-agents' CA that does not belong to its certificate
 */
export async function seal(snapshot: Snapshot, secrets: readonly ClearSecret[]): Promise<readonly FileChange[]> {
  requireReaders(secrets.map(({ rule }) => rule))
  const changes: FileChange[] = []
  const certificates = secrets.map((secret) => certificateOf(snapshot, secret))
  for (const { rule, value } of secrets) {
    const contents = await encryptFile(value, recipientsOf(rule), { armor: rule.armor })
    value.fill(0)
    changes.push({ file: rule.file, contents, replaces: digestIn(snapshot, rule.file) })
  }
  rememberRecipients(
    secrets.flatMap(({ rule }, index) => {
      const [recipients, contents] = [recipientsOf(rule), changes[index]?.contents]
      return contents === undefined || recipients.every(isSsh) ? [] : [{ sha256: sha256(contents), recipients }]
    }),
  )
  return [...changes, ...recordChange(snapshot, secrets, changes, certificates)]
}

/** What is proven while the key is in memory, so that a check can see it later without it. */
function certificateOf({ agentCa }: Snapshot, { rule, value, certificate = agentCa }: ClearSecret): Sha256 | undefined {
  if (rule.name !== AGENT_CA_KEY || certificate === undefined) return undefined
  verifyAgentCa({ certificate: Buffer.from(certificate).toString(), key: Buffer.from(value).toString() })
  return sha256(certificate)
}

/** age can't encrypt to nobody, and a file that nobody can read is a lost secret. @throws FaultsError (exit 2) */
export function requireReaders(rules: readonly SecretRule[]): void {
  const faults = rules
    .filter(({ readers }) => readers.length === 0)
    .map(({ name, file }) => ({
      code: 'secret-without-readers',
      at: file,
      found: `nobody may read ${name}`,
      why: 'its rule names no admin, and no host with a key',
      todo: "add a reader to its rule, 'admins' for example",
    }))
  if (faults.length > 0) throw new FaultsError(faults, ExitCode.Usage)
}

function recordChange(
  snapshot: Snapshot,
  secrets: readonly ClearSecret[],
  changes: readonly FileChange[],
  certificates: readonly (Sha256 | undefined)[],
): readonly FileChange[] {
  const known = new Set(snapshot.rules.map(({ file }) => file))
  const written = new Set(changes.map(({ file }) => file))
  const kept = Object.entries(snapshot.record).filter(([file]) => known.has(file) && !written.has(file))
  const added = secrets.flatMap(({ rule }, index): [string, RecordEntry][] => {
    const recipients = recipientsOf(rule)
    const [contents, certificate] = [changes[index]?.contents, certificates[index]]
    return contents === undefined || (recipients.every(isSsh) && certificate === undefined)
      ? []
      : [[rule.file, recordEntry(sha256(contents), recipients, certificate)]]
  })
  const contents = Buffer.from(printRecord(Object.fromEntries([...kept, ...added])))
  const unchanged =
    snapshot.recordBytes === undefined ? kept.length + added.length === 0 : contents.equals(snapshot.recordBytes)
  return unchanged ? [] : [{ file: RECORD_FILE, contents, replaces: digestIn(snapshot, RECORD_FILE) }]
}
