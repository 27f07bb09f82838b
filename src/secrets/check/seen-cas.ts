import type { SecretRule } from '../../model/cluster.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { readSecretFile } from '../snapshot.ts'
import type { Store } from '../store.ts'
import { foundingOf } from '../values/founding.ts'
import { isUnfounded } from '../values/generate.ts'

/** What is there of the CAs of an inventory. */
export interface CasSeen {
  /** Whether `keel rekey` makes a secret that is missing. */
  readonly isMade: (rule: SecretRule) => boolean
  /** Reads the certificates. @returns those that are not there, although something of their CA is */
  readonly missingCertificates: () => Promise<readonly string[]>
}

/** keel makes what belongs to a CA together or not at all: a part of it may be in use. */
export async function seenCas(store: Store): Promise<CasSeen> {
  const unfounded = await isUnfounded(store)
  const agentCa = await store.agentCaFiles()
  return {
    isMade: ({ name, generate }) =>
      generate !== undefined && (name === AGENT_CA_KEY ? agentCa.certificate === undefined : unfounded),
    async missingCertificates() {
      const ofCluster = unfounded ? [] : [...(foundingOf(store.cluster.distribution)?.certificateFiles.values() ?? [])]
      const missing = await Promise.all(
        ofCluster.map(async (file) => ((await readSecretFile(store.directory, file)) === undefined ? [file] : [])),
      )
      return [
        ...missing.flat(),
        ...(agentCa.hasKey && agentCa.certificate === undefined ? [AGENT_CA_CERTIFICATE_FILE] : []),
      ]
    },
  }
}
