import { filesOfAgenix } from '../agenix/files-of-agenix.ts'
import { ExitCode } from '../errors.ts'
import { readSecretsNix, secretsNixChanges, secretsNixProblems } from '../generated/secrets-nix-file.ts'
import { sourceOf } from '../secrets/check/cure.ts'
import { claimedWarnings, fileProblems, secretFindings } from '../secrets/check/findings.ts'
import { seenCas } from '../secrets/check/seen-cas.ts'
import { claimedRules } from '../secrets/readers/claimed-readers.ts'
import { describeState } from '../secrets/readers/describe-state.ts'
import { warnRemoved } from '../secrets/readers/removed-readers.ts'
import { strayFiles } from '../secrets/readers/stray-files.ts'
import { type Rekeyed, rekey as rekeyStore } from '../secrets/rekey.ts'
import { requireReaders } from '../secrets/seal.ts'
import type { Store } from '../secrets/store.ts'
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
  examples: [
    ['keel rekey', 'after a change of hosts or readers: re-encrypt what it concerns'],
    ['keel rekey --check', 'in CI: needs no private key, changes nothing'],
  ],
  exits: [
    [ExitCode.ChangesPending, 'a secret has no value yet; with --check also: one is out of date'],
    ExitCode.Locked,
  ],
  async run(input, io) {
    if (input.check) return check(await openStoreFor(input, io, 'look'), io)
    const store = await openStoreFor(input, io)
    const files = await rekeyStore(
      store,
      () => identitiesFor(input, io),
      await secretsNixChanges(store.directory, store.cluster),
    )
    const warnings = [...warnRemoved(store.cluster, files), ...claimedWarnings(claimedRules(await store.snapshot()))]
    for (const warning of warnings) io.note(`warning: ${warning}`)
    return printRekeyed(files, io)
  },
}

async function check(store: Store, io: Io): Promise<ExitCode> {
  const { directory, cluster } = store
  requireReaders(cluster.secrets)
  const files = await store.inspect()
  const { isMade, missingCertificates } = await seenCas(store)
  // before it reads the certificate, which it may refuse
  for (const problem of fileProblems(files, isMade)) io.print(problem)
  const strays = await strayFiles(directory, cluster.secrets)
  const ofAgenix = filesOfAgenix(directory, strays)
  const left = await interruptedChange(directory)
  const { problems, warnings, notes, verdict } = secretFindings({
    cluster,
    files,
    missingCertificates: await missingCertificates(),
    strays: strays.filter((file) => !ofAgenix.has(file)),
    claimed: claimedRules(await store.snapshot()),
    ...(left === undefined ? {} : { interrupted: left.kind }),
  })
  const generated = secretsNixProblems(await readSecretsNix(directory, cluster))
  for (const problem of [...problems, ...generated]) io.print(problem)
  for (const warning of warnings) io.note(`warning: ${warning}`)
  for (const note of notes) io.note(note)
  io.print(`${files.filter(({ state }) => state.kind === 'fresh').length} of ${files.length} secrets are up to date`)
  if (verdict === 'broken') return ExitCode.Failed
  return verdict === 'out of date' || generated.length > 0 ? ExitCode.ChangesPending : ExitCode.Done
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
