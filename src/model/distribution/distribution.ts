import type { K3sVersion, SecretName } from '../brands.ts'

/** Which Kubernetes a cluster has, and the settings that only this one has. */
export type Distribution = K3s

export interface K3s {
  readonly kind: 'k3s'
  readonly version: K3sVersion
  /**
   * `etcd`: embedded, with cluster-init also for one server, so that servers can be added. `sqlite`: always one server.
   */
  readonly datastore: 'etcd' | 'sqlite'
  /** The names of k3s's own secrets. `ca` is absent in a cluster that keel has taken over. */
  readonly secrets: { readonly serverToken: SecretName; readonly agentToken: SecretName; readonly ca?: SecretName }
}
