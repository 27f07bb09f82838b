import { ExitCode, KeelError } from '../../errors.ts'
import type { SecretRule } from '../../model/cluster.ts'
import type { Snapshot } from '../../secrets/snapshot.ts'
import type { Store } from '../../secrets/store.ts'
import { type Cas, checkValue } from '../../secrets/values/check-value.ts'
import type { Io } from '../shared/command.ts'

/**
 * Checks a value, encrypts it to its readers and writes it. Prints the readers and warnings.
 * @param given in plain text; zeroed
 * @param before the files from which the value was made: one that has changed since then is not overwritten
 * @throws KeelError `secret-empty`, `token`, `server-ca`, `agent-ca`, `kubeadm-ca`, `service-account-key` (exit 2)
 */
export async function storeValue(
  store: Store,
  rule: SecretRule,
  given: Uint8Array,
  io: Io,
  before?: Snapshot,
): Promise<void> {
  if (given.length === 0) throw empty(rule.file)
  const { value, warnings } = checkValue(store.cluster, await casOf(store), rule.name, given)
  await store.write(rule.name, value, before)
  given.fill(0)
  for (const warning of warnings) io.note(`warning: ${rule.name}: ${warning}`)
  io.note(`${rule.file}: encrypted to ${rule.readers.map((reader) => `${reader.kind} ${reader.name}`).join(', ')}`)
}

async function casOf(store: Store): Promise<Cas> {
  return {
    ca: await store.caCertificate(),
    agentCa: (await store.agentCaFiles()).certificate,
    kubeadm: await store.kubeadmCertificates(),
  }
}

function empty(at: string): KeelError {
  return new KeelError({
    code: 'secret-empty',
    at,
    found: 'the value is empty',
    why: 'an empty secret is usually a mistake: with an empty token file k3s makes a token of its own',
    todo: 'give the value on stdin: keel secret set NAME < FILE',
    exit: ExitCode.Usage,
  })
}
