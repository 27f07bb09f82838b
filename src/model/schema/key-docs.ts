/**
 * The meaning of every key of an inventory. scripts/schema.ts makes the JSON Schemas, the types that editors show, and
 * the tables of docs/inventory.md from it. No verb loads this file.
 */
export interface KeyDoc {
  readonly what: string
  readonly default?: string
}

/** The `default` of a key that has no default. */
export const REQUIRED = 'none: required'

export type DocumentedFile = 'host' | 'cluster' | 'secrets'

/** By path; `*` means a name that the user chooses. */
export const keyDocs: Readonly<Record<DocumentedFile, Readonly<Record<string, KeyDoc>>>> = {
  host: {
    os: { what: '`nixos`, `flatcar` or `debian`', default: '`defaults.os` of the cluster; one of the two is required' },
    role: { what: '`server` (control plane and node) or `agent`', default: REQUIRED },
    arch: { what: '`amd64` or `arm64`', default: '`defaults.arch`, else `amd64`' },
    address: {
      what: 'its SSH address: `user@host:port`, with IPv6 in brackets (`root@[fd00::5]:2222`)',
      default: 'user `defaults.user`, else `root` (Flatcar: `core`); port `defaults.port`, else 22',
    },
    hostKey: {
      what: 'its SSH host key, `ssh-ed25519` or `ssh-rsa`: encrypts its secrets and verifies its connection',
      default:
        'none: keel renders the host, but gives it no secret and does not deploy it, until `keel add-node` adds the key',
    },
    nodeIP: {
      what: 'its address in the cluster, or one of each family in a dual-stack cluster',
      default: 'none: k3s takes the address of the default route',
    },
    labels: { what: 'labels that its Node registers with', default: '`defaults.labels`; the labels of the host win' },
    taints: {
      what: '`key=value:Effect` or `key:Effect`',
      default:
        "`defaults.taints` and the taints of the host; for the same key and effect, the host wins. With `kubelet: 'systemd'`, a host without this key also has `virtual-kubelet.io/provider=systemd:NoSchedule`",
    },
    tags: {
      what: 'words that group hosts for `--tag`, such as `rack1` or `gpu`; nothing on the host changes: `keel help choosing-hosts`',
      default: '`defaults.tags`; the tags of the host are added',
    },
    network: { what: "the host's network", default: '`defaults.network`' },
    k3s: {
      what: 'options of k3s, see below',
      default: 'those of the cluster; for each option the host wins; lists are merged',
    },
    firewall: {
      what: 'who can reach the ports of Kubernetes: `true`, `false` (keel does nothing), or `api`, see below',
      default: 'that of the cluster; a value here replaces it completely',
    },
    kubelet: {
      what: '`systemd`: its Pods are units of systemd, and their images Debian packages: `keel help virtual-kubelet`',
      default: 'none: the kubelet of its distribution',
    },
    systemdKubelet: {
      what: "settings for `kubelet: 'systemd'`",
      default: 'those of the cluster; each key here replaces that one, and each repository and host path adds one',
    },
    keelAgent: {
      what: '`false`: keel installs nothing of the keel-agent on this host',
      default: 'that of the cluster',
    },
    sysupdate: {
      what: '`false`: this host downloads no new images of its Kubernetes',
      default: 'that of the cluster',
    },
    nixos: {
      what: 'where the system of a NixOS host comes from',
      default: 'the flake beside `hosts/`, under the name of the host, built on the host',
    },
    'nixos.flake': {
      what: 'the flake beside `hosts/`: `.`, or `.#NAME` for one of its nixosConfigurations',
      default: '`.`, under the name of the host',
    },
    'nixos.configuration': {
      what: 'a configuration below the inventory instead of a flake, such as `hosts/ocean/configuration.nix`',
      default: 'none',
    },
    'nixos.build': {
      what: 'where to build it. `target`: on the host, needs no Nix here. `local`: here. `user@host`: on that machine, through the Nix here',
      default: '`target`',
    },
    files: { what: 'files on the host, see below', default: 'those of the cluster; for each path the host wins' },
    manifests: {
      what: 'Kubernetes manifests that k3s deploys, on servers only: name → YAML or JSON',
      default: 'those of the cluster; for each name the host wins',
    },
    registries: {
      what: "k3s's `registries.yaml`, see below",
      default: 'those of the cluster; for each mirror and config the host wins',
    },
  },
  cluster: {
    name: { what: "the cluster's name: a-z, 0-9 and `-`", default: '`keel`' },
    distribution: {
      what: '`k3s`, or `kubeadm`: Kubernetes as upstream builds it (`keel help kubeadm`)',
      default: '`k3s`',
    },
    version: {
      what: 'the version of Kubernetes and the build of k3s; keel knows the options of 1.33 to 1.36. The part after the `+` is free. With kubeadm a release of Kubernetes, 1.34 to 1.36: `v1.36.3`',
      default: '`v1.36.3+k3s1`; with kubeadm `v1.36.3`',
    },
    datastore: {
      what: 'k3s only. `etcd`: embedded, also for one server, so that you can add servers later. `sqlite`: always one server',
      default: '`etcd`',
    },
    firstServer: {
      what: 'the server that founds the cluster; only this server gets the key of the CA',
      default: 'the first server by name; with several servers keel warns',
    },
    networks: { what: 'the networks of the cluster; fixed after its first start' },
    'networks.cluster': {
      what: 'the network of Pods: a CIDR, or one of each family',
      default: '`10.42.0.0/16`; with kubeadm `10.244.0.0/16`',
    },
    'networks.service': {
      what: 'the network of Services: a CIDR, or one of each family',
      default: '`10.43.0.0/16`; with kubeadm `10.96.0.0/12`',
    },
    'networks.domain': { what: "the cluster's DNS domain", default: '`cluster.local`' },
    vip: {
      what: 'one address for the API, held by one healthy server at a time: `keel help topics vip`',
      default: 'none',
    },
    'vip.address': {
      what: 'the address: IPv4 or IPv6, in the network of the servers, not used by any machine',
      default: REQUIRED,
    },
    'vip.interface': {
      what: 'the interface that holds the address',
      default: 'the interface whose network contains the address, found on each server',
    },
    'vip.manager': {
      what: 'what moves it: `keepalived` (VRRP, a package of the system), `kube-vip` (a DaemonSet) or `ha-vip`',
      default: '`keepalived`; `kube-vip` if all servers are Flatcar; required if the servers run different systems',
    },
    'vip.image': {
      what: 'container image of the manager, with a tag or a digest; for kube-vip and ha-vip only',
      default: 'kube-vip: the version that keel was written for; ha-vip: none, it runs directly on the host',
    },
    keelAgent: {
      what: 'run the keel-agent on every node: `true`, `false`, or an object with details: `keel help keel-agent`',
      default: '`false`',
    },
    'keelAgent.tokenFile': {
      what: 'a file on the hosts with the token of a service account; you create and renew it',
      default: 'none: the agent uses the certificate of the kubelet of the node',
    },
    'keelAgent.rbac': {
      what: '`split`: an account that requests certificates may not approve them. `one-role`: one account may do both',
      default: '`split`',
    },
    'keelAgent.program': {
      what: 'path of an agent program of your own on the hosts; keel then brings none',
      default: 'none: keel brings its own',
    },
    'keelAgent.port': { what: 'the TCP port for its clients', default: '50051' },
    'keelAgent.logLevel': { what: '`error`, `warn`, `info` or `debug`', default: '`info`' },
    sysupdate: {
      what: 'hosts can download new patches of their Kubernetes with systemd-sysupdate, and use none before a deploy: `keel help sysext`',
      default: 'none: keel places nothing for it',
    },
    'sysupdate.url': {
      what: 'the folder with the images and their signed list, from `keel sysext publish`: an `https:` URL',
      default: REQUIRED,
    },
    'sysupdate.key': {
      what: 'a file below the inventory with the OpenPGP public key that has signed the list, binary or armoured: `keys/images.asc`',
      default: REQUIRED,
    },
    'sysupdate.timer': {
      what: '`true`: every host downloads once a day',
      default: '`false`: you start systemd-sysupdate on a host',
    },
    systemdKubelet: { what: "settings for all hosts with `kubelet: 'systemd'`", default: 'none' },
    k3s: { what: 'options of k3s for all hosts, see below', default: 'none' },
    cni: {
      what: 'kubeadm only. The network of Pods: `flannel`, `none` (you install one), or an object with `manifests`: `keel help kubeadm`',
      default: '`flannel`',
    },
    'cni.manifests': {
      what: 'manifests of another network, such as Calico, in their order: files below the inventory, or `https:` URLs that `keel pin` pins',
      default: REQUIRED,
    },
    containerd: {
      what: 'kubeadm only. `managed`: keel writes /etc/containerd/config.toml on the hosts: `keel help kubeadm`',
      default: 'none: keel only checks the containerd of a host',
    },
    firewall: {
      what: 'who can reach the ports of Kubernetes: `true`, `false` (keel does nothing), or `api`, see below',
      default: '`true`',
    },
    files: { what: 'files on all hosts, see below', default: 'none' },
    manifests: { what: 'Kubernetes manifests that k3s deploys: name → YAML or JSON', default: 'none' },
    registries: { what: "k3s's `registries.yaml` for all hosts, see below", default: 'none' },
    defaults: { what: 'for all hosts without a value of their own', default: 'none' },
    'defaults.os': { what: '`nixos`, `flatcar` or `debian`', default: 'none' },
    'defaults.arch': { what: '`amd64` or `arm64`', default: '`amd64`' },
    'defaults.user': { what: 'the user of addresses without one', default: '`root`; on Flatcar `core`' },
    'defaults.port': { what: 'the port of addresses without one', default: '22' },
    'defaults.labels': { what: 'labels that every Node registers with', default: 'none' },
    'defaults.taints': {
      what: 'taints that every Node registers with: `key=value:Effect` or `key:Effect`',
      default: 'none',
    },
    'defaults.tags': { what: 'tags that every host has', default: 'none' },
    'defaults.network': { what: 'the network of hosts without one', default: 'none' },
  },
  secrets: {
    admins: { what: 'name → public key: `ssh-ed25519`, `ssh-rsa` or `age1…`', default: REQUIRED },
    'admins.*': { what: "an admin's public key: `ssh-ed25519`, `ssh-rsa` or `age1…`" },
    secrets: { what: 'name → rule; the file is `secrets/<name>.age`', default: REQUIRED },
    'secrets.*': { what: 'who may read the secret of this name, and how it is created' },
    'secrets.*.readers': {
      what: 'names of hosts and admins, and the groups `admins`, `servers`, `agents`, `firstServer`, which keel derives from the roles',
      default: REQUIRED,
    },
    'secrets.*.generate': {
      what: '`k3s-token`, `k3s-ca`, `kubeadm-ca`, `service-account-key` or `keel-agent-ca`: `keel init` or `keel rekey` creates the value',
      default: 'none: `keel secret set` stores it',
    },
    'secrets.*.armor': { what: '`true`: ASCII instead of binary', default: '`false`' },
  },
}

/** Sections that hosts and the cluster (or its `defaults`) have in common. */
export const sharedKeyDocs: Readonly<Record<string, KeyDoc>> = {
  'network.interface': {
    what: 'the interface for traffic between nodes (`tailscale0` for Tailscale and Headscale). flannel uses it, and k3s starts after it',
    default: 'the interface of the default route',
  },
  'firewall.api': {
    what: 'networks that can reach the API server (6443) besides the nodes and the Pods: one CIDR or several; `[]`: no others',
    default:
      'all networks, as with k3s itself: certificates and tokens protect the API. On NixOS: none, because its firewall blocks everything else',
  },
  'labels.*': { what: "a label's value" },
  'systemdKubelet.packages': {
    what: 'the packages that may be images; `*` means any characters: `postgresql-*`. Who may create Pods there can install them as root',
    default: 'none',
  },
  'systemdKubelet.programs': {
    what: 'the installed programs that may be images, as `exec:/usr/bin/env`; `*` means any characters but `/`',
    default: 'none',
  },
  'systemdKubelet.repositories': { what: 'name → a repository of packages besides those of the host', default: 'none' },
  'systemdKubelet.repositories.*': { what: 'a source of apt, in the words of deb822: `man 5 sources.list`' },
  'systemdKubelet.repositories.*.uris': {
    what: 'its address or addresses: `https://packages.example/debian`',
    default: REQUIRED,
  },
  'systemdKubelet.repositories.*.suites': {
    what: 'suites such as `bookworm`, or folders such as `./`',
    default: REQUIRED,
  },
  'systemdKubelet.repositories.*.components': { what: 'components such as `main`', default: 'none: for folders' },
  'systemdKubelet.repositories.*.signedBy': {
    what: 'the OpenPGP public key that signs it: the armoured text, or a file below the inventory with it: `keys/packages.asc`',
    default: REQUIRED,
  },
  'systemdKubelet.repositories.*.login': { what: 'how to log in there', default: 'no login' },
  'systemdKubelet.repositories.*.login.user': { what: 'the user name', default: REQUIRED },
  'systemdKubelet.repositories.*.login.password': {
    what: 'a reference to the password: `{ secret: NAME }`',
    default: REQUIRED,
  },
  'systemdKubelet.hostPaths': { what: 'folder → how Pods may mount this folder, as `hostPath`', default: 'none' },
  'systemdKubelet.hostPaths.*': { what: '`read-only` or `read-write`' },
  'systemdKubelet.reserve': { what: 'what Pods leave to the system', default: '100m of CPU and 256Mi of memory' },
  'systemdKubelet.reserve.cpu': { what: "CPU: `250m`, or `'0.25'` of a core", default: '`100m`' },
  'systemdKubelet.reserve.memory': { what: 'memory: `512Mi`', default: '`256Mi`' },
  'files.*': { what: 'the text of the file, or an object with details' },
  'files.*.content': { what: "the file's text", default: REQUIRED },
  'files.*.mode': { what: 'its mode, octal and in quotes: `0600`', default: '`0644`' },
  'files.*.owner': { what: 'its owner, by name or number', default: '`root`' },
  'files.*.group': { what: 'its group, by name or number', default: '`root`' },
  'manifests.*': { what: "the manifest's text: YAML or JSON" },
  'registries.mirrors': { what: 'registry → where to pull its images from instead', default: 'none' },
  'registries.mirrors.*': { what: 'where to pull the images of this registry from instead; `*` means every registry' },
  'registries.mirrors.*.endpoint': { what: 'URLs, tried in their order', default: 'the registry itself' },
  'registries.mirrors.*.rewrite': { what: 'regular expression → replacement, for names of images', default: 'none' },
  'registries.mirrors.*.rewrite.*': { what: 'the replacement for what the expression matches' },
  'registries.configs': { what: 'host of a registry or mirror → how to log in and what to trust', default: 'none' },
  'registries.configs.*': { what: 'how to log in there, and what to trust' },
  'registries.configs.*.auth': { what: 'how to log in', default: 'no login' },
  'registries.configs.*.auth.username': { what: 'the user name', default: 'none' },
  'registries.configs.*.auth.password': { what: 'a reference to the password: `{ secret: NAME }`', default: 'none' },
  'registries.configs.*.auth.auth': {
    what: 'a reference to `user:password` in base64: `{ secret: NAME }`',
    default: 'none',
  },
  'registries.configs.*.auth.identity_token': { what: 'a reference to a token: `{ secret: NAME }`', default: 'none' },
  'registries.configs.*.tls': { what: 'what to trust', default: 'the CAs of the host' },
  'registries.configs.*.tls.cert_file': { what: 'path of the client certificate on the host', default: 'none' },
  'registries.configs.*.tls.key_file': { what: 'path of the client key on the host', default: 'none' },
  'registries.configs.*.tls.ca_file': { what: 'path of a trusted CA on the host', default: 'the CAs of the host' },
  'registries.configs.*.tls.insecure_skip_verify': { what: '`true`: trust any certificate', default: '`false`' },
}
