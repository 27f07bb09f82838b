import { ExitCode, type Fault, FaultsError, KeelError } from '../errors.ts'
import type { FileChange } from '../files/transaction/file-change.ts'
import { replaceFiles } from '../files/transaction/replace-files.ts'
import type { SecretRule } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import type { AgeIdentity } from './identity/identity.ts'
import { isClaimed, isProven } from './readers/claimed-readers.ts'
import { rememberRecipients } from './readers/known-recipients.ts'
import { type FileState, recipientsOf, stateOf } from './readers/staleness.ts'
import { type ClearSecret, requireReaders, seal } from './seal.ts'
import type { Snapshot } from './snapshot.ts'
import type { Store } from './store.ts'
import { unseal } from './unseal.ts'
import { foundingOf } from './values/founding.ts'
import { isUnfounded, makeMissingSecrets } from './values/generate.ts'
import { makeMissingAgentCa } from './values/generate-agent-ca.ts'
import { type MadeSecrets, NOTHING_MADE } from './values/made-secrets.ts'

export interface Rekeyed {
  readonly rule: SecretRule
  /** The state before. */
  readonly state: FileState
  /** `kept`: not a byte changed. `waiting`: there is no value, and only a person can provide it. */
  readonly outcome: 'kept' | 're-encrypted' | 'made' | 'waiting'
}

/** What a rekey will write, and what it will report then. */
export interface RekeyPlan {
  readonly changes: readonly FileChange[]
  readonly files: readonly Rekeyed[]
}

/**
 * Re-encrypts every file that is not encrypted to exactly its readers. It decrypts each such file once, and writes all
 * of them or none. In an inventory without CA and tokens it also creates those, and a missing CA of the keel-agents.
 * @param identities asked for only if something has to be decrypted
 * @param alongside further files of the same change
 * @throws FaultsError (exit 1) with every file that could not be decrypted, (exit 2) with every rule without readers
 */
export async function rekey(
  store: Store,
  identities: () => Promise<readonly AgeIdentity[]>,
  alongside: readonly FileChange[] = [],
): Promise<readonly Rekeyed[]> {
  const { changes, files } = await planRekey(store, identities)
  await replaceFiles(store.directory, [...changes, ...alongside])
  return files
}

/** The same, but not written yet. */
export async function planRekey(store: Store, identities: () => Promise<readonly AgeIdentity[]>): Promise<RekeyPlan> {
  requireReaders(store.cluster.secrets)
  const snapshot = await store.snapshot()
  const found = snapshot.rules.map((rule) => ({ rule, state: stateOf(snapshot, rule, store.nameOf) }))
  const stale = found.filter(({ state }) => needsRekey(state)).map(({ rule }) => rule)
  const clear = stale.length > 0 ? await decryptAll(store, snapshot, stale, await identities()) : []
  const claimed = found
    .filter(({ rule, state }) => state.kind === 'fresh' && isClaimed(snapshot, rule))
    .map(({ rule }) => rule)
  const unproven = claimed.length > 0 ? await decryptUnproven(store, snapshot, claimed, identities) : []
  const made = [await makeFirstSecrets(store, snapshot), await makeMissingAgentCa(store.directory, snapshot)]
  const secrets = [...made.flatMap((one) => one.secrets), ...clear, ...unproven]
  const wasClaimed = new Set(unproven.map(({ rule }) => rule))
  const isMade = (rule: SecretRule) => made.some((one) => one.secrets.some((secret) => secret.rule === rule))
  return {
    changes:
      secrets.length === 0 ? [] : [...made.flatMap((one) => one.certificates), ...(await seal(snapshot, secrets))],
    files: found.map(({ rule, state: seen }) => {
      const state = wasClaimed.has(rule) ? CLAIMED : seen
      return { rule, state, outcome: isMade(rule) ? 'made' : outcomeOf(state) }
    }),
  }
}

const CLAIMED: FileState = { kind: 'unknown', why: 'only secrets/recipients.json said who its age1 readers are' }

/**
 * Files whose age1 readers only the record names, so each of their stanzas could belong to a removed reader. If the
 * private keys at hand prove the readers, keel remembers that. If they can decrypt a file but not prove its readers,
 * keel encrypts it again. If they can't decrypt it, it stays.
 */
async function decryptUnproven(
  store: Store,
  snapshot: Snapshot,
  rules: readonly SecretRule[],
  identities: () => Promise<readonly AgeIdentity[]>,
): Promise<readonly ClearSecret[]> {
  const ours = await identities().catch(noIdentity)
  const clear: ClearSecret[] = []
  for (const rule of rules) {
    const file = snapshot.files.get(rule.file)
    if (file === undefined || ours.length === 0) continue
    if (await isProven(rule, file, ours)) rememberRecipients([{ sha256: sha256(file), recipients: recipientsOf(rule) }])
    else {
      const value = await unseal(rule, file, ours, store.nameOf).catch(noIdentity)
      if (value instanceof Uint8Array) clear.push({ rule, value })
    }
  }
  return clear
}

function noIdentity(error: unknown): readonly [] {
  if (error instanceof KeelError) return []
  throw error
}

async function makeFirstSecrets(store: Store, snapshot: Snapshot): Promise<MadeSecrets> {
  const may = foundingOf(store.cluster.distribution) !== undefined && (await isUnfounded(store))
  return may ? makeMissingSecrets(store, snapshot) : NOTHING_MADE
}

function outcomeOf(state: FileState): Rekeyed['outcome'] {
  if (needsRekey(state)) return 're-encrypted'
  return state.kind === 'missing' ? 'waiting' : 'kept'
}

/** A damaged file is one of them, because the attempt to decrypt it reports what is wrong with it. */
function needsRekey({ kind }: FileState): boolean {
  return kind === 'stale' || kind === 'unknown' || kind === 'damaged'
}

async function decryptAll(
  store: Store,
  snapshot: Snapshot,
  rules: readonly SecretRule[],
  identities: readonly AgeIdentity[],
): Promise<readonly ClearSecret[]> {
  const clear: ClearSecret[] = []
  const faults: Fault[] = []
  for (const rule of rules) {
    try {
      clear.push({ rule, value: await unseal(rule, snapshot.files.get(rule.file), identities, store.nameOf) })
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      faults.push(error)
    }
  }
  if (faults.length === 0) return clear
  for (const { value } of clear) value.fill(0)
  throw new FaultsError(faults, ExitCode.Failed)
}
