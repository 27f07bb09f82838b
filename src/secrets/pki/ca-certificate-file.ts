/** The certificate of the cluster's server CA. It is public, and not encrypted, beside the secrets. */
export const CA_CERTIFICATE_FILE = 'secrets/server-ca.crt'
