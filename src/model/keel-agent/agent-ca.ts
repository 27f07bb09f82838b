import { parseSecretName } from '../names.ts'

/** The key of the CA that signs the keel-agents' first certificates and those of their clients. Never on a host. */
export const AGENT_CA_KEY = parseSecretName('keel-agent-ca-key')
/** Its certificate. It is public, and not encrypted, beside the secrets. */
export const AGENT_CA_CERTIFICATE_FILE = 'secrets/keel-agent-ca.crt'
