import { homedir } from 'node:os'
import { KeelError } from '../../errors.ts'
import type { Inventory } from '../../inventory/load.ts'
import { joinTokensOf } from '../../model/distribution/distribution.ts'
import { loadIdentities } from '../../secrets/identity/load-identities.ts'
import { Store } from '../../secrets/store.ts'
import { checkValue } from '../../secrets/values/check-value.ts'
import { noHiddenInput } from '../../terminal/hidden-input.ts'
import type { Io } from '../shared/command.ts'

/**
 * Checks the encrypted tokens that keel took over, because a token that k3s would misunderstand must be found before a
 * deploy. keel asks for a passphrase only for a named key. If no key can decrypt the tokens, keel says so.
 */
export async function checkTakenTokens(
  { directory, cluster }: Inventory,
  named: readonly string[],
  io: Io,
): Promise<void> {
  const store = new Store(directory, cluster, undefined)
  const tokens = joinTokensOf(cluster.distribution)
  if (tokens === undefined) return
  const snapshot = await store.snapshot()
  const input = named.length > 0 ? io : { ...noHiddenInput, env: io.env }
  for (const name of [tokens.serverToken, tokens.agentToken]) {
    if (!snapshot.files.has(store.rule(name).file)) {
      io.note(
        `${name}: has no value yet; to read it from a running server: \`keel secret import ${name} --from-host HOST\``,
      )
      continue
    }
    try {
      const identities = await loadIdentities({ files: named, home: io.env.HOME ?? homedir(), cwd: io.cwd, input })
      const { warnings } = checkValue(cluster, { ca: undefined }, name, await store.read(name, identities))
      for (const warning of warnings) io.note(`warning: ${name}: ${warning}`)
    } catch (error) {
      if (!(error instanceof KeelError)) throw error
      const why =
        error.code === 'token'
          ? `${error.found}: ${error.why}`
          : `its value was not looked at${named.length > 0 ? `: ${error.found}` : ', for want of a private key (-i FILE)'}`
      io.note(`warning: ${name}: ${why}`)
    }
  }
}
