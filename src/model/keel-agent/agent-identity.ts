const folder = '/var/lib/keel/crypto'

/** Where a host has the keel-agent's certificates with their keys, and the CA of its clients. */
export const agentIdentity = {
  folder,
  operational: { certificate: `${folder}/operational.pem`, key: `${folder}/operational.key` },
  first: { certificate: `${folder}/first.pem`, key: `${folder}/first.key` },
  clientCa: '/etc/keel/agent-ca.crt',
} as const
