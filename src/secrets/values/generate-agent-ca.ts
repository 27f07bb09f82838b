import { AGENT_CA_CERTIFICATE_FILE, AGENT_CA_KEY } from '../../model/keel-agent/agent-ca.ts'
import { makeAgentCa } from '../pki/agent-ca.ts'
import { readSecretFile, type Snapshot } from '../snapshot.ts'
import { type MadeSecrets, NOTHING_MADE } from './made-secrets.ts'

/**
 * The CA of the keel-agents for an inventory that wants one and has neither its key nor its certificate. It does not
 * depend on the CA and the tokens of the cluster. If one of the two files is there, the other is lost, and hosts may
 * still believe it.
 */
export async function makeMissingAgentCa(directory: string, snapshot: Snapshot): Promise<MadeSecrets> {
  const rule = snapshot.rules.find(({ name }) => name === AGENT_CA_KEY)
  if (rule?.generate === undefined || snapshot.files.has(rule.file)) return NOTHING_MADE
  if ((await readSecretFile(directory, AGENT_CA_CERTIFICATE_FILE)) !== undefined) return NOTHING_MADE
  const { certificate, key } = makeAgentCa(Date.now())
  const contents = Buffer.from(certificate)
  return {
    secrets: [{ rule, value: Buffer.from(key), certificate: contents }],
    certificates: [{ file: AGENT_CA_CERTIFICATE_FILE, contents, replaces: undefined }],
  }
}
