/** The certificate of the cluster's server CA: public, in clear beside the secrets. */
export const CA_CERTIFICATE_FILE = 'secrets/server-ca.crt'
