import type { K3sVersion, KubernetesVersion, SecretName } from '../brands.ts'

export const DISTRIBUTIONS = ['k3s', 'kubeadm'] as const
export type DistributionKind = (typeof DISTRIBUTIONS)[number]

/** Which Kubernetes a cluster has, and the settings that only this one has. */
export type Distribution = K3s | Kubeadm

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

export interface Kubeadm {
  readonly kind: 'kubeadm'
  readonly version: KubernetesVersion
  readonly cni: Cni
  /** Whether keel configures containerd. If not, keel only checks what the host has. */
  readonly containerd: 'managed' | 'checked'
}

/** What makes the network of Pods. `none`: somebody else brings it, and no Node is Ready before that. */
export type Cni =
  | { readonly kind: 'flannel' | 'none' }
  /** In the order in which they are applied. */
  | { readonly kind: 'manifests'; readonly sources: readonly ManifestSource[] }

/** A file of the inventory with its text, or an `https:` URL whose hash is in keel.lock.json. */
export type ManifestSource =
  | { readonly kind: 'file'; readonly path: string; readonly content: string }
  | { readonly kind: 'url'; readonly url: string }

/** The tokens with which hosts join. kubeadm has none in the inventory: a server makes one for each join. */
export function joinTokensOf(
  distribution: Distribution,
): Pick<K3s['secrets'], 'serverToken' | 'agentToken'> | undefined {
  return distribution.kind === 'k3s' ? distribution.secrets : undefined
}
