import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { ExitCode, KeelError } from '../../errors.ts'
import { recover, replaceFiles } from '../../files/transaction/replace-files.ts'
import type { SecretName } from '../../model/brands.ts'
import type { Cluster, SecretRule } from '../../model/cluster.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import { AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { CA_CERTIFICATE_FILE } from '../pki/ca-certificate-file.ts'
import { seal } from '../seal.ts'
import { readSnapshot, type Snapshot } from '../snapshot.ts'
import { foundingOf } from './founding.ts'
import { makeMissingAgentCa } from './generate-agent-ca.ts'
import { type MadeSecrets, NOTHING_MADE } from './made-secrets.ts'

interface Inventory {
  readonly directory: string
  readonly cluster: Cluster
}

/**
 * Creates what a new cluster is founded with, for an inventory that has none of it, all or nothing: with k3s the server
 * CA and the tokens that are pinned to it, with kubeadm its CAs and the service-account key. And the CA of the
 * keel-agents where there is none.
 *
 * It never creates only some of them. If the others are there, a cluster may use the missing one, and a new one would
 * be a rotation that nobody asked for.
 * @returns the secrets that it created; empty if there was nothing to create
 * @throws KeelError `secret-lost` (exit 2) if only some are there; `generate-unknown` (exit 2) for a rule for which
 * keel can't create a value
 */
export async function generateMissingSecrets({ directory, cluster }: Inventory): Promise<readonly SecretName[]> {
  await recover(directory)
  const snapshot = await readSnapshot(directory, cluster.secrets)
  const made = [
    await makeMissingSecrets({ directory, cluster }, snapshot),
    await makeMissingAgentCa(directory, snapshot),
  ]
  const secrets = made.flatMap((one) => one.secrets)
  const certificates = made.flatMap((one) => one.certificates)
  if (secrets.length > 0) await replaceFiles(directory, [...certificates, ...(await seal(snapshot, secrets))])
  return secrets.map(({ rule }) => rule.name)
}

/** CA and tokens of the cluster, not written yet. @throws KeelError `secret-lost`, `generate-unknown` (exit 2) */
export async function makeMissingSecrets({ directory, cluster }: Inventory, snapshot: Snapshot): Promise<MadeSecrets> {
  const missing = cluster.secrets.filter(
    ({ name, generate, file }) => name !== AGENT_CA_KEY && generate !== undefined && !snapshot.files.has(file),
  )
  if (missing.length === 0) return NOTHING_MADE
  if (!(await isUnfounded({ directory, cluster }))) throw lost(missing, certificateFilesOf(cluster))
  const { distribution } = cluster
  const founding = foundingOf(distribution)
  const isPinned = distribution.kind !== 'k3s' || missing.some(({ name }) => name === distribution.secrets.ca)
  if (founding === undefined || !isPinned) throw withoutCa(missing)

  const { values, certificates } = founding.make(Date.now())
  // a CA whose key the user brings has a certificate already
  const files = missing.flatMap(({ name }) => founding.certificateFiles.get(name) ?? [])
  return {
    secrets: missing.map((rule) => ({ rule, value: Buffer.from(values.get(rule.name) ?? unknownKind(rule)) })),
    certificates: [...certificates]
      .filter(([file]) => files.includes(file))
      .map(([file, pem]) => ({ file, contents: Buffer.from(pem), replaces: undefined })),
  }
}

/** Whether this inventory has neither CA nor tokens. Only then may keel create them. */
export async function isUnfounded({ directory, cluster }: Inventory): Promise<boolean> {
  const founding = foundingOf(cluster.distribution)
  const known: readonly string[] = founding?.secrets ?? Object.values(joinTokensOf(cluster.distribution) ?? {})
  const files = cluster.secrets.filter(({ name }) => known.includes(name)).map(({ file }) => file)
  const found = await Promise.all(
    [...certificateFilesOf(cluster), ...files].map((file) => exists(join(directory, file))),
  )
  return !found.includes(true)
}

/** Also where the CA is from elsewhere. */
function certificateFilesOf({ distribution }: Cluster): Iterable<string> {
  return foundingOf(distribution)?.certificateFiles.values() ?? [CA_CERTIFICATE_FILE]
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function lost(missing: readonly SecretRule[], certificates: Iterable<string>): KeelError {
  return new KeelError({
    code: 'secret-lost',
    at: missing.map(({ file }) => file).join(', '),
    found: `no file for ${missing.map(({ name }) => name).join(', ')}, but other files of the CA and tokens of this cluster exist`,
    why: 'a cluster may use the missing value, and a new value would lock its nodes out',
    todo: `restore it from git, or set it: keel secret set NAME. If no host was ever deployed, delete ${[...certificates].join(', ')} and the .age files of CA and tokens, then keel rekey`,
    exit: ExitCode.Usage,
  })
}

function withoutCa(missing: readonly SecretRule[]): KeelError {
  return new KeelError({
    code: 'secret-lost',
    at: missing.map(({ file }) => file).join(', '),
    found: 'tokens without a CA to pin them to',
    why: 'a cluster with a CA from elsewhere already has its tokens',
    todo: 'set them from a running server: keel secret import NAME --from-host HOST',
    exit: ExitCode.Usage,
  })
}

function unknownKind({ name, file }: SecretRule): never {
  throw new KeelError({
    code: 'generate-unknown',
    at: file,
    found: `keel cannot create ${name}`,
    why: 'it creates only the CAs, tokens and keys that the distribution of the cluster needs, and the CA of the keel-agents',
    todo: "remove 'generate' from its rule, and set it: keel secret set NAME",
    exit: ExitCode.Usage,
  })
}
