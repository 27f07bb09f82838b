import { ExitCode, type Fault, FaultsError, KeelError } from '../errors.ts'
import type { SecretName } from '../model/brands.ts'
import type { SecretRule } from '../model/cluster.ts'
import { generateMissingSecrets, isUnfounded } from './generate.ts'
import type { AgeIdentity } from './identity/identity.ts'
import { type ClearSecret, requireReaders, seal } from './seal.ts'
import { type Snapshot, stateOf } from './snapshot.ts'
import type { FileState } from './staleness.ts'
import type { Store } from './store.ts'
import { replaceFiles } from './transaction.ts'
import { unseal } from './unseal.ts'

export interface Rekeyed {
  readonly rule: SecretRule
  /** As it was found. */
  readonly state: FileState
  /** `kept`: not a byte changed. `waiting`: there is no value, and only a person has it. */
  readonly outcome: 'kept' | 're-encrypted' | 'made' | 'waiting'
}

/**
 * Encrypts anew what is not encrypted to exactly its readers; each such file is decrypted once, and all are written or none. In an inventory
 * without CA and tokens it makes them first.
 * @param identities asked for only when something has to be decrypted
 * @throws FaultsError (exit 1) naming every file that could not be decrypted, (exit 2) every rule without readers
 */
export async function rekey(store: Store, identities: () => Promise<readonly AgeIdentity[]>): Promise<readonly Rekeyed[]> {
  requireReaders(store.cluster.secrets)
  const snapshot = await store.snapshot()
  const found = snapshot.rules.map((rule) => ({ rule, state: stateOf(snapshot, rule, store.nameOf) }))
  const stale = found.filter(({ state }) => needsRekey(state)).map(({ rule }) => rule)
  // what may fail comes first: after it nothing has been written
  const clear = stale.length > 0 ? await decryptAll(store, snapshot, stale, await identities()) : []
  const made = await makeFirstSecrets(store)
  if (stale.length > 0) {
    // making secrets may have changed the record, and nothing else that was read here
    const { record, recordBytes } = await store.snapshot()
    await replaceFiles(store.directory, await seal({ ...snapshot, record, recordBytes }, clear))
  }
  return found.map(({ rule, state }) => ({
    rule,
    state,
    outcome: made.includes(rule.name)
      ? 'made'
      : needsRekey(state)
        ? 're-encrypted'
        : state.kind === 'missing'
          ? 'waiting'
          : 'kept',
  }))
}

async function makeFirstSecrets(store: Store): Promise<readonly SecretName[]> {
  const may = store.cluster.k3sSecrets.ca !== undefined && (await isUnfounded(store))
  return may ? generateMissingSecrets(store) : []
}

/** A damaged file counts: trying to decrypt it says what is wrong with it. */
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
