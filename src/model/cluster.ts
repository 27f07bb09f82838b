import type { HostName, Recipient, SecretName, SshPublicKey } from './brands.ts'
import type { Distribution } from './distribution/distribution.ts'
import type { FileContent } from './file-bytes.ts'
import type { SystemdKubelet } from './systemd-kubelet/systemd-kubelet.ts'

/**
 * The resolved inventory: every default is filled in, everything is checked and frozen. Readonly and JSON-serialisable.
 */
export interface Cluster {
  readonly name: string
  readonly distribution: Distribution
  readonly networks: Networks
  /** Absent: the cluster has no virtual IP. */
  readonly vip?: VirtualIp
  /** What the keel-agent needs on a node. Absent: no node has any of it. */
  readonly keelAgent?: KeelAgent
  /** From where hosts download new images of their Kubernetes. Absent: from nowhere. */
  readonly sysupdate?: Sysupdate
  /**
   * The first server founds the cluster. The inventory decides which one is first: `firstServer`, else the order of the
   * names.
   */
  readonly hosts: readonly Host[]
  readonly admins: readonly Admin[]
  readonly secrets: readonly SecretRule[]
  /** Warnings. keel prints them, and they stop nothing. */
  readonly warnings: readonly Warning[]
}

export interface Networks {
  /** CIDRs: IPv4, IPv6 or both. */
  readonly cluster: readonly string[]
  readonly service: readonly string[]
  readonly domain: string
}

/** One address for the API. One healthy server at a time has it. */
export interface VirtualIp {
  readonly address: string
  /** Absent: each server looks for the interface whose network contains the address. */
  readonly interface?: string
  readonly manager: VipManager
  /** The container image of the manager. kube-vip has a default. ha-vip without an image runs on the host. */
  readonly image?: string
}

export type VipManager = 'keepalived' | 'kube-vip' | 'ha-vip'

/** How the keel-agent runs on the nodes. It is keel's own daemon, beside Kubernetes and not inside it. */
export interface KeelAgent {
  /**
   * `kubelet`: its kubeconfig refers to the certificate and key of the kubelet, which k3s makes and renews on the node.
   * `token`: its kubeconfig refers to a file with the token of a service account, which the user creates and renews.
   */
  readonly credential: { readonly kind: 'kubelet' } | { readonly kind: 'token'; readonly file: string }
  /** `split`: an account that requests a certificate may not approve it. `one-role`: one account may do both. */
  readonly rbac: 'split' | 'one-role'
  /** Absent: the usual folder of programs on the system of the host. */
  readonly program?: string
  /** The TCP port for its clients. */
  readonly port: number
  readonly logLevel: LogLevel
}

/** What systemd-sysupdate on the hosts gets. It only downloads: a deploy puts another version to use. */
export interface Sysupdate {
  /** The folder with the images, their list and its signature (`keel sysext publish`): `https://…`. */
  readonly url: string
  /** The public keys that may have signed the list: binary OpenPGP, in base64. */
  readonly keyring: string
  /** Hosts download once a day. Otherwise a person starts systemd-sysupdate. */
  readonly timer: boolean
}

type LogLevel = 'error' | 'warn' | 'info' | 'debug'

export interface Warning {
  readonly code: string
  readonly at: string
  readonly text: string
}

export const OSES = ['nixos', 'flatcar', 'debian'] as const
export type Os = (typeof OSES)[number]
export const ROLES = ['server', 'agent'] as const
export type Role = (typeof ROLES)[number]
export const ARCHS = ['amd64', 'arm64'] as const
export type Arch = (typeof ARCHS)[number]

export interface Host {
  readonly name: HostName
  readonly os: Os
  readonly role: Role
  readonly arch: Arch
  /** True for the one server that founds the cluster; the others join it. */
  readonly firstServer: boolean
  readonly address: SshAddress
  /**
   * Absent until the machine has booted and the user has added the key. keel accepts further keys of the same machine
   * for its connection, but never for its secrets.
   */
  readonly hostKey?: SshPublicKey
  /** IPv4, IPv6 or both. Empty: the host decides (k3s takes the address of its default route). */
  readonly nodeIPs: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** In the form of Kubernetes: `key=value:Effect`, or `key:Effect`. */
  readonly taints: readonly string[]
  /** Words of the user that group hosts on keel's command line. They reach no host. Sorted. */
  readonly tags: readonly string[]
  readonly network: {
    /**
     * The traffic between nodes uses this interface (for Tailscale or Headscale `tailscale0`): flannel-iface. k3s
     * starts after it.
     */
    readonly interface?: string
  }
  /**
   * Additional keys of k3s's config.yaml for this host, merged from the cluster and the host. The version knows all of
   * them, and keel sets none of them itself.
   */
  readonly k3s: Readonly<Record<string, K3sValue>>
  readonly firewall: FirewallPolicy
  /** Its Pods are units of systemd. Absent: it has the node of its distribution. */
  readonly systemdKubelet?: SystemdKubelet
  /** Whether this host has what the cluster's `keelAgent` describes. */
  readonly keelAgent: boolean
  /** `false`: this host has nothing of the cluster's `sysupdate`. */
  readonly sysupdate?: false
  /** Only for NixOS hosts. */
  readonly nixos?: NixosSystem
  readonly files: readonly HostFile[]
  /** Kubernetes manifests for the folder that k3s deploys; servers only. */
  readonly manifests: readonly Manifest[]
  /** The value of k3s's registries.yaml. Absent: there is no such file. Passwords in it are references. */
  readonly registries?: Json
}

/** The system of a NixOS host, and where it is built. */
export interface NixosSystem {
  readonly source:
    | { readonly kind: 'flake'; readonly attribute: string }
    /** Relative to the inventory. */
    | { readonly kind: 'configuration'; readonly file: string }
  /**
   * `target`: on the host itself, and no other machine needs Nix. Another host: in the form of nixos-rebuild's
   * --build-host.
   */
  readonly build: { readonly on: 'local' | 'target' } | { readonly on: 'host'; readonly address: string }
}

/**
 * `false`: keel does not protect the ports of the host. `api`: the networks, besides those of the nodes, that can reach
 * the API server; IPv4 and IPv6.
 */
export type FirewallPolicy = false | { readonly api: readonly string[] }

export interface SshAddress {
  readonly user: string
  readonly host: string
  readonly port: number
}

export interface HostFile extends FileContent {
  readonly path: string
  /** Four octal digits: `0644`. */
  readonly mode: string
  readonly owner: string
  readonly group: string
}

export interface Manifest {
  /** File name without a folder: `ingress.yaml`. */
  readonly name: string
  readonly content: string
}

/** A value of k3s's config.yaml. A secret is in it only as a reference. */
export type K3sValue = string | number | boolean | SecretRef | readonly string[]

/** Takes the place of a secret's value everywhere except in deploy/ and on the node. */
export interface SecretRef {
  readonly secret: SecretName
}

export type Json = string | number | boolean | null | SecretRef | readonly Json[] | { readonly [key: string]: Json }

export interface Admin {
  readonly name: string
  readonly key: Recipient
}

/** The values that keel can create. */
export const GENERATED = ['k3s-token', 'k3s-ca', 'kubeadm-ca', 'service-account-key', 'keel-agent-ca'] as const

/** One encrypted file, and who may read it. */
export interface SecretRule {
  readonly name: SecretName
  /** Relative to the inventory, with forward slashes: `secrets/k3s-server-token.age`. */
  readonly file: string
  /** Sorted by kind and name; hosts without a key are left out. */
  readonly readers: readonly Reader[]
  readonly generate?: (typeof GENERATED)[number]
  /** ASCII armor instead of binary. */
  readonly armor: boolean
}

export interface Reader {
  readonly kind: 'admin' | 'host'
  readonly name: string
  readonly key: Recipient
}
