import { SECRETS_NIX, secretsNix } from '../agenix/secrets-nix.ts'
import { ExitCode, KeelError } from '../errors.ts'
import type { FileChange } from '../files/transaction/replace-files.ts'
import type { Cluster } from '../model/cluster.ts'
import { sha256 } from '../model/digest.ts'
import { readSecretFile } from '../secrets/snapshot.ts'
import { originOf } from '../templates/generated-text.ts'

/** agenix's rules beside the inventory: `current`, or what they are instead. */
export interface SecretsNixFile {
  readonly state: 'none' | 'current' | 'outdated' | 'edited' | 'foreign'
  /** What brings it up to date. */
  readonly change: FileChange
}

export async function readSecretsNix(directory: string, cluster: Cluster): Promise<SecretsNixFile> {
  const before = await readSecretFile(directory, SECRETS_NIX)
  const text = secretsNix(cluster)
  const change = { file: SECRETS_NIX, contents: Buffer.from(text), replaces: before && sha256(before) }
  if (before === undefined) return { state: 'none', change }
  const origin = originOf(before.toString())
  if (origin !== 'generated') return { state: origin, change }
  return { state: before.toString() === text ? 'current' : 'outdated', change }
}

/** A generated file follows every change of readers; one that somebody wrote or edited is left to him. */
export async function secretsNixChanges(directory: string, cluster: Cluster): Promise<readonly FileChange[]> {
  const { state, change } = await readSecretsNix(directory, cluster)
  return state === 'outdated' ? [change] : []
}

/** @throws KeelError `render-edited` (exit 2) for a file that is not as keel wrote it, unless forced */
export function refuseEdited({ state }: SecretsNixFile, force: boolean): void {
  if (force || (state !== 'edited' && state !== 'foreign')) return
  throw new KeelError({
    code: 'render-edited',
    at: SECRETS_NIX,
    found: state === 'foreign' ? 'this file was not written by keel' : 'this file was edited by hand',
    why: 'what the inventory does not say would be lost',
    todo: 'take over what is in it into the inventory, then `keel render --force`',
    exit: ExitCode.Usage,
  })
}

/** Each with what to do about it. */
export function secretsNixProblems({ state }: SecretsNixFile): readonly string[] {
  if (state === 'outdated') return [`${SECRETS_NIX}: differs from the inventory (run keel render)`]
  return state === 'edited'
    ? [`${SECRETS_NIX}: edited by hand (move the edit to the inventory, then run keel render --force)`]
    : []
}
