import type { SecretName } from '../brands.ts'

/** What a host whose Pods are units of systemd may run, and what it keeps for its system. */
export interface SystemdKubelet {
  /** Names of packages; `*` is any number of characters. Sorted. */
  readonly packages: readonly string[]
  /** Programs of `exec:` images; `*` is any number of characters but `/`. Sorted. */
  readonly programs: readonly string[]
  /** By name. */
  readonly repositories: readonly Repository[]
  /** Folders of the host that Pods may have as volumes. By path. */
  readonly hostPaths: readonly HostPath[]
  readonly reserve: Reserve
}

export interface Reserve {
  /** Thousandths of a core. */
  readonly milliCores: number
  /** Bytes. */
  readonly memory: number
}

interface HostPath {
  readonly path: string
  readonly readOnly: boolean
}

/** A source of packages for apt, in the words of deb822 (sources.list(5)). */
export interface Repository {
  readonly name: string
  readonly uris: readonly string[]
  readonly suites: readonly string[]
  /** Empty: the suites are folders, and end in `/`. */
  readonly components: readonly string[]
  /** The OpenPGP public key that signs it, armoured. */
  readonly signedBy: string
  /** Absent: everybody may read it. */
  readonly login?: { readonly user: string; readonly password: { readonly secret: SecretName } }
}

/** The Debian mirrors that the host itself has: `debian/uptimed`. No repository of the inventory has this name. */
export const SYSTEM_REPOSITORY = 'debian'

/** Pods of others do not come to such a Node by themselves: their images mean nothing there. */
export const PROVIDER_TAINT = 'virtual-kubelet.io/provider=systemd:NoSchedule'

export const DEFAULT_RESERVE: Reserve = { milliCores: 100, memory: 256 << 20 }
