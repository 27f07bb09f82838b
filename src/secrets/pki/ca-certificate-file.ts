/** The certificate of the cluster's server CA. It is public, and not encrypted, beside the secrets. */
export const CA_CERTIFICATE_FILE = 'secrets/server-ca.crt'
/** The same of the keel-agents' CA. */
export const AGENT_CA_CERTIFICATE_FILE = 'secrets/keel-agent-ca.crt'
