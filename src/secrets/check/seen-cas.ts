import type { SecretRule } from '../../model/cluster.ts'
import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { CA_CERTIFICATE_FILE } from '../pki/ca-certificate-file.ts'
import type { Store } from '../store.ts'
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
      const ofServers =
        !unfounded && store.cluster.distribution.secrets.ca !== undefined && (await store.caCertificate()) === undefined
      return [
        ...(ofServers ? [CA_CERTIFICATE_FILE] : []),
        ...(agentCa.hasKey && agentCa.certificate === undefined ? [AGENT_CA_CERTIFICATE_FILE] : []),
      ]
    },
  }
}
