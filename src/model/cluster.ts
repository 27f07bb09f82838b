import type { HostName, K3sVersion, Recipient, SecretName, SshPublicKey } from './brands.ts'

/** What the user wrote, resolved: every default filled in, checked, frozen. Readonly and JSON-serialisable. */
export interface Cluster {
  readonly name: string
  readonly version: K3sVersion
  /** `etcd`: embedded, cluster-init even for one server, so that it can grow. `sqlite`: one server for ever. */
  readonly datastore: 'etcd' | 'sqlite'
  readonly networks: Networks
  /** Absent: the cluster has no address that moves. */
  readonly vip?: VirtualIp
  /** What the keel-agent needs to live on a node. Absent: no node carries any of it. */
  readonly keelAgent?: KeelAgent
  /**
   * The first is the one that founds the cluster; it is first because the inventory's order (`firstServer`, else name
   * order) says so.
   */
  readonly hosts: readonly Host[]
  readonly admins: readonly Admin[]
  readonly secrets: readonly SecretRule[]
  /**
   * The names under which k3s's own secrets are in `secrets`. `ca` is absent for a cluster taken over from elsewhere.
   */
  readonly k3sSecrets: { readonly serverToken: SecretName; readonly agentToken: SecretName; readonly ca?: SecretName }
  /** Warnings: printed, never fatal. */
  readonly warnings: readonly Warning[]
}

export interface Networks {
  /** CIDRs, IPv4 and perhaps IPv6. */
  readonly cluster: readonly string[]
  readonly service: readonly string[]
  readonly domain: string
}

/** One address for the API, which is on one healthy server at a time. */
export interface VirtualIp {
  readonly address: string
  /** Absent: each server finds the one on whose network the address is. */
  readonly interface?: string
  readonly manager: VipManager
  /** The manager's container image; kube-vip has one by default, and ha-vip runs on the host where none is named. */
  readonly image?: string
}

export type VipManager = 'keepalived' | 'kube-vip' | 'ha-vip'

/** How the keel-agent lives on the nodes: keel's own daemon, beside Kubernetes and not inside it. */
export interface KeelAgent {
  /**
   * `kubelet`: its kubeconfig refers to the kubelet's certificate and key, which k3s makes and renews on the node.
   * `token`: it refers to a file with a service account's token, which somebody puts there and renews.
   */
  readonly credential: { readonly kind: 'kubelet' } | { readonly kind: 'token'; readonly file: string }
  /** `split`: who requests a certificate may not approve it. `one-role`: one account may do both. */
  readonly rbac: 'split' | 'one-role'
  /** Absent: where the host's system has its programs. */
  readonly program?: string
  /** TCP, on which it serves its clients. */
  readonly port: number
  readonly logLevel: LogLevel
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
  /** The one server that founds the cluster; the others join it. */
  readonly firstServer: boolean
  readonly address: SshAddress
  /**
   * Missing while the machine has not booted yet. Further keys of the same machine are accepted for its connection,
   * never for its secrets.
   */
  readonly hostKey?: SshPublicKey
  /** IPv4, IPv6 or both; empty: the host decides (k3s takes the address of its default route). */
  readonly nodeIPs: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  /** As Kubernetes writes them: `key=value:Effect`, or `key:Effect`. */
  readonly taints: readonly string[]
  readonly network: {
    /**
     * Node traffic goes through it (a Tailscale or Headscale user's `tailscale0`): flannel-iface, and k3s is ordered
     * after it.
     */
    readonly interface?: string
  }
  /**
   * Extra keys of k3s's config.yaml for this host, cluster's and host's merged; known for the version, and none that
   * keel sets itself.
   */
  readonly k3s: Readonly<Record<string, K3sValue>>
  readonly firewall: FirewallPolicy
  /** Whether it carries what the cluster's `keelAgent` says. */
  readonly keelAgent: boolean
  /** Of NixOS hosts. */
  readonly nixos?: NixosSystem
  readonly files: readonly HostFile[]
  /** Kubernetes manifests for k3s's auto-deploy directory; servers only. */
  readonly manifests: readonly Manifest[]
  /** k3s's registries.yaml as a value; absent: no such file. Passwords are in it as references. */
  readonly registries?: Json
}

/** What a NixOS host is switched to, and where that is built. */
export interface NixosSystem {
  readonly source:
    | { readonly kind: 'flake'; readonly attribute: string }
    /** Relative to the inventory. */
    | { readonly kind: 'configuration'; readonly file: string }
  /**
   * `target`: on the host itself, which needs Nix nowhere else. Another host: as nixos-rebuild's --build-host takes it.
   */
  readonly build: { readonly on: 'local' | 'target' } | { readonly on: 'host'; readonly address: string }
}

/**
 * `false`: keel leaves the host's ports alone. `api`: the networks besides the nodes' own that reach the API server,
 * IPv4 and IPv6.
 */
export type FirewallPolicy = false | { readonly api: readonly string[] }

export interface SshAddress {
  readonly user: string
  readonly host: string
  readonly port: number
}

export interface HostFile {
  readonly path: string
  readonly content: string
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

/** A value of k3s's config.yaml; what carries a secret is in it as a reference only. */
export type K3sValue = string | number | boolean | SecretRef | readonly string[]

/** Replaces a secret's value everywhere except in deploy/ and on the node. */
export interface SecretRef {
  readonly secret: SecretName
}

export type Json = string | number | boolean | null | SecretRef | readonly Json[] | { readonly [key: string]: Json }

export interface Admin {
  readonly name: string
  readonly key: Recipient
}

/** One encrypted file and who may read it. */
export interface SecretRule {
  readonly name: SecretName
  /** Relative to the inventory, with forward slashes: `secrets/k3s-server-token.age`. */
  readonly file: string
  /** Sorted by kind and name; hosts without a key are left out. */
  readonly readers: readonly Reader[]
  readonly generate?: 'k3s-token' | 'k3s-ca'
  /** ASCII armor instead of binary. */
  readonly armor: boolean
}

export interface Reader {
  readonly kind: 'admin' | 'host'
  readonly name: string
  readonly key: Recipient
}
