import { basename } from 'node:path'
import { filesOfAgenix } from '../agenix/files-of-agenix.ts'
import { SECRETS_NIX } from '../agenix/secrets-nix.ts'
import { ExitCode, KeelError } from '../errors.ts'
import { readSecretsNix, secretsNixChanges } from '../generated/secrets-nix-file.ts'
import type { SecretRule } from '../model/cluster.ts'
import { parseSecretName } from '../model/names.ts'
import { CA_CERTIFICATE_FILE } from '../secrets/pki/ca-certificate-file.ts'
import { isClaimed } from '../secrets/readers/claimed-readers.ts'
import { describeState } from '../secrets/readers/describe-state.ts'
import { warnRemoved } from '../secrets/readers/removed-readers.ts'
import { strayFiles } from '../secrets/readers/stray-files.ts'
import { unneededReaders } from '../secrets/readers/unneeded-readers.ts'
import { type Rekeyed, rekey as rekeyStore } from '../secrets/rekey.ts'
import { requireReaders } from '../secrets/seal.ts'
import type { SecretFile, Store } from '../secrets/store.ts'
import { isUnfounded } from '../secrets/values/generate.ts'
import { shellQuote } from '../templates/shell-quote.ts'
import { type Command, directory, type InDirectory, type Io, identity } from './shared/command.ts'
import { interruptedChange } from './shared/interrupted-change.ts'
import { identitiesFor, openStoreFor } from './shared/open-store.ts'

interface Input extends InDirectory {
  readonly check?: boolean
  readonly identity?: readonly string[]
}

export const rekey: Command<Input> = {
  name: 'rekey',
  summary: 're-encrypt secrets whose readers have changed',
  options: [
    { flags: '--check', summary: 'only check, without a private key; exit 3 if something is out of date' },
    identity,
    directory,
  ],
  async run(input, io) {
    if (input.check) return check(await openStoreFor(input, io, 'look'), io)
    const store = await openStoreFor(input, io)
    const files = await rekeyStore(store, () => identitiesFor(input, io), await secretsNixChanges(store.directory, store.cluster))
    for (const warning of [...warnRemoved(store.cluster, files), ...(await claimedLines(store))]) io.note(`warning: ${warning}`)
    return printRekeyed(files, io)
  },
}

/** Everything that is wrong, each with the command that fixes it. */
async function check(store: Store, io: Io): Promise<ExitCode> {
  const { directory, cluster } = store
  requireReaders(cluster.secrets)
  const files = await store.inspect()
  const wrong = files.filter(({ state }) => state.kind !== 'fresh')
  const unfounded = await isUnfounded(store)
  for (const file of wrong) io.print(`${file.rule.file}: ${describeState(file.state)} (${cure(file, unfounded)})`)
  const certificate = unfounded ? [] : await certificateLines(store)
  const others = [...certificate, ...(await strayLines(store)), ...(await secretsNixLines(directory, cluster))]
  for (const line of others) io.print(line)
  for (const warning of [...warnRemoved(cluster, files), ...unneededLines(cluster), ...(await claimedLines(store))])
    io.note(`warning: ${warning}`)
  for (const line of doubledLines(files)) io.note(line)
  io.print(`${files.length - wrong.length} of ${files.length} secrets are up to date`)
  const left = await interruptedChange(directory)
  if (left?.kind === 'foreign' || wrong.some(({ state, lost }) => state.kind === 'damaged' || lost)) return ExitCode.Failed
  return wrong.length > 0 || others.length > 0 || left?.kind === 'unfinished' ? ExitCode.ChangesPending : ExitCode.Done
}

/** @param unfounded there is neither CA nor token: `keel rekey` makes them */
function cure({ rule, state, lost }: SecretFile, unfounded: boolean): string {
  const anew = `restore it from git, or set it again: keel secret set ${rule.name}`
  if (state.kind === 'damaged') return anew
  if (lost) return `nobody in the inventory can read it: ${anew}`
  return state.kind === 'missing' && !(unfounded && rule.generate) ? sourceOf(rule) : 'keel rekey'
}

/** Where a value is from that keel does not make: of CA and tokens a cluster may be living with the old one. */
function sourceOf({ name, generate }: SecretRule): string {
  if (generate === undefined) return `keel secret set ${name}`
  return generate === 'k3s-token' ? `restore it from git, or keel secret import ${name} --from-host HOST` : 'restore it from git'
}

/** The CA key is of no use without it. @throws KeelError `server-ca` (exit 2) for one that is none */
async function certificateLines(store: Store): Promise<readonly string[]> {
  const lacks = store.cluster.k3sSecrets.ca !== undefined && (await store.caCertificate()) === undefined
  return lacks ? [`${CA_CERTIFICATE_FILE}: missing (restore it from git)`] : []
}

async function strayLines({ directory, cluster }: Store): Promise<readonly string[]> {
  const strays = await strayFiles(directory, cluster.secrets)
  const others = filesOfAgenix(directory, strays)
  return strays
    .filter((file) => !others.has(file))
    .map((file) => `${file}: belongs to no secret of the inventory (${adopt(file)})`)
}

function adopt(file: string): string {
  const remove = `git rm ${shellQuote(file)}`
  try {
    parseSecretName(basename(file, '.age'))
    return `add a secret of that name, or ${remove}`
  } catch (error) {
    if (!(error instanceof KeelError)) throw error
    return `keel cannot use its name: ${error.why}; rename the file and add a secret of that name, or ${remove}`
  }
}

async function secretsNixLines(directory: string, cluster: Store['cluster']): Promise<readonly string[]> {
  const { state } = await readSecretsNix(directory, cluster)
  if (state === 'outdated') return [`${SECRETS_NIX}: differs from the inventory (run keel render)`]
  return state === 'edited'
    ? [`${SECRETS_NIX}: edited by hand (move the edit to the inventory, then run keel render --force)`]
    : []
}

/** No fault: age keeps a recipient that it is given twice. Two keys can be made to have one tag, so who reviews the file is told. */
function doubledLines(files: readonly SecretFile[]): readonly string[] {
  return files.flatMap(({ rule, state }) =>
    state.kind === 'fresh' && state.doubled !== undefined
      ? [`${rule.file}: names ${state.doubled.join(', ')} more than once; this is harmless`]
      : [],
  )
}

/** What a check can't know without the private keys of all age1 readers. */
async function claimedLines(store: Store): Promise<readonly string[]> {
  const snapshot = await store.snapshot()
  return snapshot.rules
    .filter((rule) => isClaimed(snapshot, rule))
    .map(
      ({ name }) =>
        `${name}: only secrets/recipients.json says who can read it with an age1 key, and a commit can change that file; run \`keel rekey\` with a private key that decrypts it to make sure`,
    )
}

function unneededLines(cluster: Store['cluster']): readonly string[] {
  return unneededReaders(cluster).map(({ rule, hosts }) => {
    const names = hosts.map(({ name, role }) => `host ${name} (${role})`).join(', ')
    return `${rule.name}: ${names} can read it, but nothing in the inventory uses it there (remove these readers, then run keel rekey)`
  })
}

function printRekeyed(files: readonly Rekeyed[], io: Io): ExitCode {
  for (const { rule, state, outcome } of files) {
    if (outcome === 're-encrypted') io.print(`${rule.file}: re-encrypted (before: ${describeState(state)})`)
    if (outcome === 'made') io.print(`${rule.file}: created`)
    if (outcome === 'waiting') io.print(`${rule.file}: has no value yet (${sourceOf(rule)})`)
  }
  io.print(summary(files))
  return files.some(({ outcome }) => outcome === 'waiting') ? ExitCode.ChangesPending : ExitCode.Done
}

function summary(files: readonly Rekeyed[]): string {
  const count = (wanted: Rekeyed['outcome']) => files.filter(({ outcome }) => outcome === wanted).length
  if (count('kept') === files.length) return `All ${files.length} secrets are up to date; nothing re-encrypted.`
  const parts: readonly (readonly [number, string])[] = [
    [count('re-encrypted'), 're-encrypted'],
    [count('made'), 'created'],
    [count('waiting'), 'without a value'],
    [count('kept'), 'already up to date'],
  ]
  return parts.flatMap(([number, what]) => (number > 0 ? [`${number} ${what}`] : [])).join(', ')
}
