import { SECRETS_NIX, secretsNix } from '../agenix/secrets-nix.ts'
import { ExitCode, KeelError } from '../errors.ts'
import type { FileChange } from '../files/transaction/file-change.ts'
import type { Cluster } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { readSecretFile } from '../secrets/snapshot.ts'
import { originOf } from '../templates/generated-text.ts'
import { editedFault, type GeneratedFileState, isEdited, stateOf } from './generated-state.ts'

/** agenix's rules beside the inventory. */
export async function readSecretsNix(directory: string, cluster: Cluster): Promise<GeneratedFileState> {
  const before = await readSecretFile(directory, SECRETS_NIX)
  const text = secretsNix(cluster)
  const change = { file: SECRETS_NIX, contents: Buffer.from(text), replaces: before && sha256(before) }
  return { file: SECRETS_NIX, state: stateOf(before?.toString(), text, originOf), change }
}

/** The generated file follows every change of readers. If somebody wrote or edited it, it stays unchanged. */
export async function secretsNixChanges(directory: string, cluster: Cluster): Promise<readonly FileChange[]> {
  const { state, change } = await readSecretsNix(directory, cluster)
  return state === 'outdated' ? [change] : []
}

/** @throws KeelError `render-edited` (exit 2) for a file that differs from what keel wrote, unless forced */
export function refuseEditedSecretsNix(file: GeneratedFileState, force: boolean): void {
  if (isEdited(file) && !force) throw new KeelError({ ...editedFault(file, 'the inventory'), exit: ExitCode.Usage })
}

/** Each state, with what to do about it. */
export function secretsNixProblems({ state }: GeneratedFileState): readonly string[] {
  if (state === 'outdated') return [`${SECRETS_NIX}: differs from the inventory (run keel render)`]
  return state === 'edited'
    ? [`${SECRETS_NIX}: edited by hand (move the edit to the inventory, then run keel render --force)`]
    : []
}
