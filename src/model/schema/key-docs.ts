/**
 * What every key of an inventory means: the one place that it is said in. scripts/schema.ts makes of it the JSON Schemas, the types that editors
 * show, and the tables of docs/inventory.md. Not loaded by any verb.
 */
export interface KeyDoc {
  readonly what: string
  readonly default?: string
}

/** The default of what must be said. */
export const REQUIRED = 'none: always said'

export type DocumentedFile = 'host' | 'cluster' | 'secrets'

/** By path; `*` stands for a name of the user's. */
export const keyDocs: Readonly<Record<DocumentedFile, Readonly<Record<string, KeyDoc>>>> = {
  host: {
    os: { what: '`nixos`, `flatcar` or `debian`', default: '`defaults.os` of the cluster; needed in one of the two' },
    role: { what: '`server` (control plane and node) or `agent`', default: REQUIRED },
    arch: { what: '`amd64` or `arm64`', default: '`defaults.arch`, else `amd64`' },
    address: {
      what: 'where ssh reaches it: `user@host:port`, IPv6 in brackets (`root@[fd00::5]:2222`)',
      default: 'user `defaults.user`, else `root` (Flatcar: `core`); port `defaults.port`, else 22',
    },
    hostKey: {
      what: 'its SSH host key, `ssh-ed25519` or `ssh-rsa`: encrypts its secrets and verifies its connection',
      default: 'none: it renders, receives no secret, and `deploy` refuses it; `keel add-node` enrols it',
    },
    nodeIP: {
      what: 'its address in the cluster, or one of each family in a dual-stack cluster',
      default: 'none: the host decides (k3s takes the address of its default route)',
    },
    labels: { what: 'labels that its Node registers with', default: "those of `defaults.labels`; a host's own win" },
    taints: {
      what: '`key=value:Effect` or `key:Effect`',
      default: "those of `defaults.taints`, and its own; of one key and effect the host's own",
    },
    network: { what: "the host's network", default: '`defaults.network`' },
    k3s: { what: 'options of k3s, see below', default: "the cluster's; per option, the host's value wins, and lists are merged" },
    firewall: {
      what: 'who reaches the ports of Kubernetes: `true`, `false` (keel leaves them alone), or `api`, see below',
      default: "the cluster's; a host's replaces it whole",
    },
    keelAgent: {
      what: '`false`: this host carries nothing of the keel-agent',
      default: "the cluster's",
    },
    nixos: {
      what: 'where a NixOS host has its system from',
      default: "the flake beside `hosts/`, under the host's name, built on the host",
    },
    'nixos.flake': {
      what: 'the flake beside `hosts/`: `.`, or `.#NAME` for one of its nixosConfigurations',
      default: "`.`, under the host's name",
    },
    'nixos.configuration': {
      what: 'instead of a flake: a configuration below the inventory, `hosts/ocean/configuration.nix`',
      default: 'none',
    },
    'nixos.build': {
      what: '`target`: on the host, no Nix needed here; `local`: here; `user@host`: on that machine, by way of the Nix here',
      default: '`target`',
    },
    files: { what: 'files on the host, see below', default: "the cluster's; per path, the host's wins" },
    manifests: {
      what: 'Kubernetes manifests that k3s deploys, on servers only: name → YAML or JSON',
      default: "the cluster's; per name, the host's wins",
    },
    registries: {
      what: "k3s's `registries.yaml`, see below",
      default: "the cluster's; per mirror and per config, the host's wins",
    },
  },
  cluster: {
    name: { what: "the cluster's name: a-z, 0-9 and `-`", default: '`keel`' },
    version: {
      what: "Kubernetes and k3s's build; keel knows the options of 1.33 to 1.36. What follows the `+` is free",
      default: '`v1.34.4+k3s1`',
    },
    datastore: {
      what: '`etcd`: embedded, also for one server, so that it can grow. `sqlite`: one server for ever',
      default: '`etcd`',
    },
    firstServer: {
      what: "the server that founds the cluster, and alone gets the CA's key",
      default: 'the first server by name, with a warning where there are several',
    },
    networks: { what: "the cluster's own networks; can't be changed once it has started" },
    'networks.cluster': { what: 'the network of Pods: a CIDR, or one of each family', default: '`10.42.0.0/16`' },
    'networks.service': { what: 'the network of Services: a CIDR, or one of each family', default: '`10.43.0.0/16`' },
    'networks.domain': { what: "the cluster's DNS domain", default: '`cluster.local`' },
    vip: { what: 'one address for the API, which stands on one healthy server at a time: docs/vip.md', default: 'none' },
    'vip.address': { what: "the address: IPv4 or IPv6, on the servers' network and no machine's own", default: REQUIRED },
    'vip.interface': {
      what: 'the interface that it stands on',
      default: 'the one on whose network the address lies, found on each server',
    },
    'vip.manager': {
      what: 'who moves it: `keepalived` (VRRP, a package of the system), `kube-vip` (a DaemonSet) or `ha-vip`',
      default: '`keepalived`; `kube-vip` where all servers are Flatcar; must be said where the servers are of several systems',
    },
    'vip.image': {
      what: "the manager's container image, with a tag or a digest; of kube-vip or ha-vip only",
      default: 'of kube-vip the version that keel was written for; ha-vip runs on the host itself without one',
    },
    keelAgent: {
      what: 'what the keel-agent needs to live on every node: `true`, `false`, or an object that says more: docs/keel-agent.md',
      default: '`false`',
    },
    'keelAgent.tokenFile': {
      what: "a file on the hosts with a service account's token, that somebody puts there and renews",
      default: "none: it uses the certificate that k3s makes for the node's kubelet",
    },
    'keelAgent.rbac': {
      what: '`split`: who requests a certificate may not approve it. `one-role`: one account may do both',
      default: '`split`',
    },
    'keelAgent.program': {
      what: "path of the agent's program on the hosts",
      default: '`/usr/local/bin/keel-agent`; on NixOS `/run/current-system/sw/bin/keel-agent`',
    },
    'keelAgent.port': { what: 'the TCP port on which it serves its clients', default: '50051' },
    'keelAgent.logLevel': { what: '`error`, `warn`, `info` or `debug`', default: '`info`' },
    k3s: { what: 'options of k3s for all hosts, see below', default: 'none' },
    firewall: {
      what: 'who reaches the ports of Kubernetes: `true`, `false` (keel leaves them alone), or `api`, see below',
      default: '`true`',
    },
    files: { what: 'files on all hosts, see below', default: 'none' },
    manifests: { what: 'Kubernetes manifests that k3s deploys: name → YAML or JSON', default: 'none' },
    registries: { what: "k3s's `registries.yaml` for all hosts, see below", default: 'none' },
    defaults: { what: 'for all hosts that do not say otherwise', default: 'none' },
    'defaults.os': { what: '`nixos`, `flatcar` or `debian`', default: 'none' },
    'defaults.arch': { what: '`amd64` or `arm64`', default: '`amd64`' },
    'defaults.user': { what: 'the login of addresses that name none', default: '`root`; on Flatcar `core`' },
    'defaults.port': { what: 'the port of addresses that name none', default: '22' },
    'defaults.labels': { what: 'labels that every Node registers with', default: 'none' },
    'defaults.taints': { what: 'taints that every Node registers with: `key=value:Effect` or `key:Effect`', default: 'none' },
    'defaults.network': { what: 'the network of hosts that do not say theirs', default: 'none' },
  },
  secrets: {
    admins: { what: 'name → public key: `ssh-ed25519`, `ssh-rsa` or `age1…`', default: REQUIRED },
    'admins.*': { what: "an admin's public key: `ssh-ed25519`, `ssh-rsa` or `age1…`" },
    secrets: { what: 'name → rule; the file is `secrets/<name>.age`', default: REQUIRED },
    'secrets.*': { what: 'who may read the secret of this name, and how it comes to be' },
    'secrets.*.readers': {
      what: "names of hosts and admins, and the groups `admins`, `servers`, `agents`, `firstServer`, which follow from the hosts' roles",
      default: REQUIRED,
    },
    'secrets.*.generate': { what: '`k3s-token` or `k3s-ca`: `keel init` makes it', default: '`keel secret set` does' },
    'secrets.*.armor': { what: '`true`: ASCII instead of binary', default: '`false`' },
  },
}

/** Sections that hosts and the cluster (or its `defaults`) have in common. */
export const sharedKeyDocs: Readonly<Record<string, KeyDoc>> = {
  'network.interface': {
    what: 'the interface of node traffic (`tailscale0` for Tailscale and Headscale): flannel uses it, and k3s starts after it',
    default: 'that of the default route',
  },
  'firewall.api': {
    what: 'networks that reach the API server (6443) besides the nodes and the Pods: a CIDR or several; `[]`: nobody',
    default:
      "everybody, as k3s's own: who gets in is decided by certificates and tokens; on NixOS, whose firewall is closed otherwise: none",
  },
  'labels.*': { what: "a label's value" },
  'files.*': { what: "the file's text, or an object that says more" },
  'files.*.content': { what: "the file's text", default: REQUIRED },
  'files.*.mode': { what: 'its mode, octal and in quotes: `0600`', default: '`0644`' },
  'files.*.owner': { what: 'its owner, by name or number', default: '`root`' },
  'files.*.group': { what: 'its group, by name or number', default: '`root`' },
  'manifests.*': { what: "the manifest's text: YAML or JSON" },
  'registries.mirrors': { what: 'registry → where its images are pulled from instead', default: 'none' },
  'registries.mirrors.*': { what: 'where the images of this registry are pulled from instead; `*` means every registry' },
  'registries.mirrors.*.endpoint': { what: 'URLs, tried in their order', default: 'the registry itself' },
  'registries.mirrors.*.rewrite': { what: 'regular expression → replacement, for names of images', default: 'none' },
  'registries.mirrors.*.rewrite.*': { what: 'what the expression is replaced by' },
  'registries.configs': { what: "a registry's or mirror's host → how to log in and what to trust", default: 'none' },
  'registries.configs.*': { what: 'how to log in there, and what to trust' },
  'registries.configs.*.auth': { what: 'how to log in', default: 'nobody logs in' },
  'registries.configs.*.auth.username': { what: "the login's name", default: 'none' },
  'registries.configs.*.auth.password': { what: 'a reference to the password: `{ secret: NAME }`', default: 'none' },
  'registries.configs.*.auth.auth': { what: 'a reference to `user:password` in base64: `{ secret: NAME }`', default: 'none' },
  'registries.configs.*.auth.identity_token': { what: 'a reference to a token: `{ secret: NAME }`', default: 'none' },
  'registries.configs.*.tls': { what: 'what to trust', default: "the host's own CAs" },
  'registries.configs.*.tls.cert_file': { what: "path on the host of the client's certificate", default: 'none' },
  'registries.configs.*.tls.key_file': { what: "path on the host of the client's key", default: 'none' },
  'registries.configs.*.tls.ca_file': { what: 'path on the host of a CA to trust', default: "the host's own CAs" },
  'registries.configs.*.tls.insecure_skip_verify': { what: '`true`: trusts any certificate', default: '`false`' },
}
