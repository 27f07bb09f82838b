import { basename } from 'node:path/posix'
import { KeelError } from '../../errors.ts'
import type { Interrupted } from '../../files/transaction/interrupted.ts'
import type { Cluster, SecretRule } from '../../model/cluster.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { parseSecretName } from '../../model/names.ts'
import { shellQuote } from '../../templates/shell-quote.ts'
import { describeState } from '../readers/describe-state.ts'
import { warnRemoved } from '../readers/removed-readers.ts'
import { unneededReaders } from '../readers/unneeded-readers.ts'
import type { SecretFile } from '../store.ts'
import { cure } from './cure.ts'

/** What a check finds in the secrets/ of an inventory without a private key. */
export interface SecretsSeen {
  readonly cluster: Cluster
  readonly files: readonly SecretFile[]
  /** Certificates of CAs that are not there, although their keys are. */
  readonly missingCertificates: readonly string[]
  /** Encrypted files that belong to no secret of the inventory, and to no rule of agenix. */
  readonly strays: readonly string[]
  /** Secrets whose readers only secrets/recipients.json records. */
  readonly claimed: readonly SecretRule[]
  readonly interrupted?: Interrupted
}

/** `broken`: `keel rekey` cannot repair it. */
type Verdict = 'up to date' | 'out of date' | 'broken'

export interface SecretFindings {
  /** Faults other than those of the files of secrets, each with the command that fixes it. */
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  /** Unusual, but harmless. */
  readonly notes: readonly string[]
  readonly verdict: Verdict
}

/** The files of secrets that are not up to date, each with the command that fixes it. */
export function fileProblems(files: readonly SecretFile[], isMade: (rule: SecretRule) => boolean): readonly string[] {
  return files.filter(isWrong).map((file) => `${file.rule.file}: ${describeState(file.state)} (${cure(file, isMade)})`)
}

function isWrong({ state }: SecretFile): boolean {
  return state.kind !== 'fresh'
}

/** Everything else that a check reports about the secrets of an inventory. */
export function secretFindings(seen: SecretsSeen): SecretFindings {
  const { cluster, files, strays, claimed, missingCertificates } = seen
  const problems = [
    // the key of a CA is useless without it
    ...missingCertificates.map((file) => `${file}: missing (restore it from git)`),
    ...strays.map((file) => `${file}: belongs to no secret of the inventory (${adopt(file)})`),
  ]
  return {
    problems,
    warnings: [...warnRemoved(cluster, files), ...unneeded(cluster), ...claimedWarnings(claimed)],
    notes: doubled(files),
    verdict: verdictOf(seen, problems),
  }
}

function verdictOf({ files, interrupted }: SecretsSeen, problems: readonly string[]): Verdict {
  if (interrupted === 'foreign' || files.some(({ state, lost }) => state.kind === 'damaged' || lost)) return 'broken'
  return files.some(isWrong) || problems.length > 0 || interrupted === 'unfinished' ? 'out of date' : 'up to date'
}

function adopt(file: string): string {
  const remove = `git rm ${shellQuote(file)}`
  if (basename(file, '.age') === AGENT_CA_KEY)
    return `set keelAgent in hosts/cluster, or ${remove} ${AGENT_CA_CERTIFICATE_FILE}`
  try {
    parseSecretName(basename(file, '.age'))
    return `add a secret of that name, or ${remove}`
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    return `keel cannot use its name: ${error.why}; rename the file and add a secret of that name, or ${remove}`
  }
}

/**
 * Not a fault: age keeps a recipient that it gets twice. But an attacker can make two keys with the same tag, so keel
 * tells the person who reviews the file.
 */
function doubled(files: readonly SecretFile[]): readonly string[] {
  return files.flatMap(({ rule, state }) =>
    state.kind === 'fresh' && state.doubled !== undefined
      ? [`${rule.file}: names ${state.doubled.join(', ')} more than once; this is harmless`]
      : [],
  )
}

/** What a check can't know without the private keys of all age1 readers. */
export function claimedWarnings(rules: readonly SecretRule[]): readonly string[] {
  return rules.map(
    ({ name }) =>
      `${name}: only secrets/recipients.json says who can read it with an age1 key, and a commit can change that file; run \`keel rekey\` with a private key that decrypts it to make sure`,
  )
}

function unneeded(cluster: Cluster): readonly string[] {
  return unneededReaders(cluster).map(({ rule, hosts }) => {
    const names = hosts.map(({ name, role }) => `host ${name} (${role})`).join(', ')
    return `${rule.name}: ${names} can read it, but nothing in the inventory uses it there (remove these readers, then run keel rekey)`
  })
}
