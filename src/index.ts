/**
 * What an inventory imports from 'keel'. Nothing is checked here: `keel` checks all files together and reports every
 * fault at once.
 */
import { type Definition, define } from './model/definition.ts'
import type { ClusterInput, HostInput, SecretRefInput, SecretsInput } from './model/schema/input.ts'

export type { ClusterInput, HostInput, SecretRefInput, SecretsInput }

/** hosts/cluster.ts: what all hosts share. */
export function defineCluster(cluster: ClusterInput): Definition<'cluster'> {
  return define('cluster', cluster, defineCluster)
}

/** hosts/<name>/host.ts: one machine; the folder's name is the host's. */
export function defineHost(host: HostInput): Definition<'host'> {
  return define('host', host, defineHost)
}

/** secrets.ts: admins, and who may read which secret. */
export function defineSecrets(secrets: SecretsInput): Definition<'secrets'> {
  return define('secrets', secrets, defineSecrets)
}

/**
 * Refers to the value of secrets/<name>.age, wherever an option carries a secret: `'vpn-auth': secret('headscale')`.
 */
export function secret(name: string): SecretRefInput {
  return { secret: name }
}
