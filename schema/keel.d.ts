// Made by scripts/schema.ts of keel's model. What an inventory imports from 'keel', as editors see it.

/** A reference to the value of a secret: `secret('name')`, or `{ secret: 'name' }`. */
export interface SecretRefInput {
  readonly secret: string
}

export type HostInput = {
  /**
   * `nixos`, `flatcar` or `debian`
   *
   * Default: `defaults.os` of the cluster; one of the two is required
   */
  readonly os?: 'nixos' | 'flatcar' | 'debian' | undefined
  /** `server` (control plane and node) or `agent` */
  readonly role: 'server' | 'agent'
  /**
   * `amd64` or `arm64`
   *
   * Default: `defaults.arch`, else `amd64`
   */
  readonly arch?: 'amd64' | 'arm64' | undefined
  /**
   * its SSH address: `user@host:port`, with IPv6 in brackets (`root@[fd00::5]:2222`)
   *
   * Default: user `defaults.user`, else `root` (Flatcar: `core`); port `defaults.port`, else 22
   */
  readonly address: string
  /**
   * its SSH host key, `ssh-ed25519` or `ssh-rsa`: encrypts its secrets and verifies its connection
   *
   * Default: none: keel renders the host, but gives it no secret and does not deploy it, until `keel add-node` adds the key
   */
  readonly hostKey?: string | undefined
  /**
   * its address in the cluster, or one of each family in a dual-stack cluster
   *
   * Default: none: k3s takes the address of the default route
   */
  readonly nodeIP?: readonly string[] | string | undefined
  /**
   * labels that its Node registers with
   *
   * Default: `defaults.labels`; the labels of the host win
   */
  readonly labels?: { readonly [name: string]: string } | undefined
  /**
   * `key=value:Effect` or `key:Effect`
   *
   * Default: `defaults.taints` and the taints of the host; for the same key and effect, the host wins. With `kubelet: 'systemd'`, a host without this key also has `virtual-kubelet.io/provider=systemd:NoSchedule`
   */
  readonly taints?: readonly string[] | undefined
  /**
   * words that group hosts for `--tag`, such as `rack1` or `gpu`; nothing on the host changes: `keel help choosing-hosts`
   *
   * Default: `defaults.tags`; the tags of the host are added
   */
  readonly tags?: readonly string[] | undefined
  /**
   * the host's network
   *
   * Default: `defaults.network`
   */
  readonly network?: {
    /**
     * the interface for traffic between nodes (`tailscale0` for Tailscale and Headscale). flannel uses it, and k3s starts after it
     *
     * Default: the interface of the default route
     */
    readonly interface?: string | undefined
  } | undefined
  /**
   * options of k3s
   *
   * Default: those of the cluster; for each option the host wins; lists are merged
   */
  readonly k3s?: {
    /** `--advertise-address` of k3s, on servers: an IP address that the other nodes reach */
    readonly 'advertise-address'?: string | undefined
    /** `--advertise-port` of k3s, on servers */
    readonly 'advertise-port'?: number | undefined
    /** `--airgap-extra-registry` of k3s, on servers and agents: a registry as images name it: registry.example:5000 */
    readonly 'airgap-extra-registry'?: readonly string[] | string | undefined
    /** `--alsologtostderr` of k3s, on servers and agents */
    readonly alsologtostderr?: boolean | undefined
    /** `--apiserver-bind-address` of k3s, on servers: an IP address to listen on */
    readonly 'apiserver-bind-address'?: string | undefined
    /** `--bind-address` of k3s, on servers and agents: an IP address to listen on */
    readonly 'bind-address'?: string | undefined
    /** `--container-runtime-endpoint` of k3s, on servers and agents: a socket's path, or unix:// and the path */
    readonly 'container-runtime-endpoint'?: string | undefined
    /** `--debug` of k3s, on servers and agents */
    readonly debug?: boolean | undefined
    /** `--default-local-storage-path` of k3s, on servers: an absolute path on the host */
    readonly 'default-local-storage-path'?: string | undefined
    /** `--default-runtime` of k3s, on servers and agents: a name of containerd: letters, digits, . _ - inside */
    readonly 'default-runtime'?: string | undefined
    /** `--disable-apiserver-lb` of k3s, on agents */
    readonly 'disable-apiserver-lb'?: boolean | undefined
    /** `--disable-default-registry-endpoint` of k3s, on servers and agents */
    readonly 'disable-default-registry-endpoint'?: boolean | undefined
    /** `--disable-kube-proxy` of k3s, on servers */
    readonly 'disable-kube-proxy'?: boolean | undefined
    /** `--docker` of k3s, on servers and agents */
    readonly docker?: boolean | undefined
    /** `--enable-pprof` of k3s, on servers and agents */
    readonly 'enable-pprof'?: boolean | undefined
    /** `--etcd-arg` of k3s, on servers: key=value */
    readonly 'etcd-arg'?: readonly string[] | string | undefined
    /** `--etcd-disable-snapshots` of k3s, on servers */
    readonly 'etcd-disable-snapshots'?: boolean | undefined
    /** `--etcd-expose-metrics` of k3s, on servers */
    readonly 'etcd-expose-metrics'?: boolean | undefined
    /** `--etcd-s3` of k3s, on servers */
    readonly 'etcd-s3'?: boolean | undefined
    /** `--etcd-s3-access-key` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-access-key'?: SecretRefInput | undefined
    /** `--etcd-s3-bucket` of k3s, on servers: a bucket's name: 3 to 63 letters, digits, . _ : or - inside */
    readonly 'etcd-s3-bucket'?: string | undefined
    /** `--etcd-s3-bucket-lookup-type` of k3s, on servers: auto, dns or path */
    readonly 'etcd-s3-bucket-lookup-type'?: 'auto' | 'dns' | 'path' | undefined
    /** `--etcd-s3-config-secret` of k3s, on servers: a Secret's name: a-z, 0-9, - and . inside, 253 characters at most */
    readonly 'etcd-s3-config-secret'?: string | undefined
    /** `--etcd-s3-endpoint` of k3s, on servers: a host, perhaps with a port: s3.example:9000 */
    readonly 'etcd-s3-endpoint'?: string | undefined
    /** `--etcd-s3-endpoint-ca` of k3s, on servers: a path on the host, or a certificate in base64 */
    readonly 'etcd-s3-endpoint-ca'?: string | undefined
    /** `--etcd-s3-folder` of k3s, on servers: a text */
    readonly 'etcd-s3-folder'?: string | undefined
    /** `--etcd-s3-insecure` of k3s, on servers */
    readonly 'etcd-s3-insecure'?: boolean | undefined
    /** `--etcd-s3-proxy` of k3s, on servers: 'none', or a URL: http://proxy.example:3128 */
    readonly 'etcd-s3-proxy'?: string | undefined
    /** `--etcd-s3-region` of k3s, on servers: a region's name: letters, digits, . _ - */
    readonly 'etcd-s3-region'?: string | undefined
    /** `--etcd-s3-retention` of k3s, on servers */
    readonly 'etcd-s3-retention'?: number | undefined
    /** `--etcd-s3-secret-key` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-secret-key'?: SecretRefInput | undefined
    /** `--etcd-s3-session-token` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-session-token'?: SecretRefInput | undefined
    /** `--etcd-s3-skip-ssl-verify` of k3s, on servers */
    readonly 'etcd-s3-skip-ssl-verify'?: boolean | undefined
    /** `--etcd-s3-timeout` of k3s, on servers */
    readonly 'etcd-s3-timeout'?: string | undefined
    /** `--etcd-snapshot-compress` of k3s, on servers */
    readonly 'etcd-snapshot-compress'?: boolean | undefined
    /** `--etcd-snapshot-dir` of k3s, on servers: an absolute path on the host */
    readonly 'etcd-snapshot-dir'?: string | undefined
    /** `--etcd-snapshot-name` of k3s, on servers: a file's name: letters, digits, . _ - */
    readonly 'etcd-snapshot-name'?: string | undefined
    /** `--etcd-snapshot-reconcile-interval` of k3s, on servers */
    readonly 'etcd-snapshot-reconcile-interval'?: string | undefined
    /** `--etcd-snapshot-retention` of k3s, on servers */
    readonly 'etcd-snapshot-retention'?: number | undefined
    /** `--etcd-snapshot-schedule-cron` of k3s, on servers: five fields of cron: '0 *\/5 * * *' */
    readonly 'etcd-snapshot-schedule-cron'?: string | undefined
    /** `--flannel-cni-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'flannel-cni-conf'?: string | undefined
    /** `--flannel-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'flannel-conf'?: string | undefined
    /** `--helm-job-image` of k3s, on servers: the name of a container image: registry.example/name:1.2 */
    readonly 'helm-job-image'?: string | undefined
    /** `--image-credential-provider-bin-dir` of k3s, on servers and agents: an absolute path on the host */
    readonly 'image-credential-provider-bin-dir'?: string | undefined
    /** `--image-credential-provider-config` of k3s, on servers and agents: an absolute path on the host */
    readonly 'image-credential-provider-config'?: string | undefined
    /** `--image-service-endpoint` of k3s, on servers and agents: a socket's path, or unix:// and the path */
    readonly 'image-service-endpoint'?: string | undefined
    /** `--kube-apiserver-arg` of k3s, on servers: key=value */
    readonly 'kube-apiserver-arg'?: readonly string[] | string | undefined
    /** `--kube-cloud-controller-arg` of k3s, on servers: key=value */
    readonly 'kube-cloud-controller-arg'?: readonly string[] | string | undefined
    /** `--kube-cloud-controller-manager-arg` of k3s, on servers: key=value */
    readonly 'kube-cloud-controller-manager-arg'?: readonly string[] | string | undefined
    /** `--kube-controller-arg` of k3s, on servers: key=value */
    readonly 'kube-controller-arg'?: readonly string[] | string | undefined
    /** `--kube-controller-manager-arg` of k3s, on servers: key=value */
    readonly 'kube-controller-manager-arg'?: readonly string[] | string | undefined
    /** `--kube-proxy-arg` of k3s, on servers and agents: key=value */
    readonly 'kube-proxy-arg'?: readonly string[] | string | undefined
    /** `--kube-scheduler-arg` of k3s, on servers: key=value */
    readonly 'kube-scheduler-arg'?: readonly string[] | string | undefined
    /** `--kubelet-arg` of k3s, on servers and agents: key=value */
    readonly 'kubelet-arg'?: readonly string[] | string | undefined
    /** `--lb-server-port` of k3s, on servers and agents */
    readonly 'lb-server-port'?: number | undefined
    /** `--log` of k3s, on servers and agents: an absolute path on the host */
    readonly log?: string | undefined
    /** `--node-external-dns` of k3s, on servers and agents: DNS names in small letters */
    readonly 'node-external-dns'?: readonly string[] | string | undefined
    /** `--node-external-ip` of k3s, on servers and agents: an IP address that the other nodes reach */
    readonly 'node-external-ip'?: readonly string[] | string | undefined
    /** `--node-internal-dns` of k3s, on servers and agents: DNS names in small letters */
    readonly 'node-internal-dns'?: readonly string[] | string | undefined
    /** `--nonroot-devices` of k3s, on servers and agents */
    readonly 'nonroot-devices'?: boolean | undefined
    /** `--pause-image` of k3s, on servers and agents: the name of a container image: registry.example/name:1.2 */
    readonly 'pause-image'?: string | undefined
    /** `--prefer-bundled-bin` of k3s, on servers and agents */
    readonly 'prefer-bundled-bin'?: boolean | undefined
    /** `--protect-kernel-defaults` of k3s, on servers and agents */
    readonly 'protect-kernel-defaults'?: boolean | undefined
    /** `--resolv-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'resolv-conf'?: string | undefined
    /** `--secrets-encryption-provider` of k3s, on servers: aescbc or secretbox */
    readonly 'secrets-encryption-provider'?: 'aescbc' | 'secretbox' | undefined
    /** `--selinux` of k3s, on servers and agents */
    readonly selinux?: boolean | undefined
    /** `--service-node-port-range` of k3s, on servers: a range of ports from 1 to 65535: 30000-32767, 30000+2767 */
    readonly 'service-node-port-range'?: string | undefined
    /** `--servicelb-namespace` of k3s, on servers: a namespace: a-z, 0-9 and - inside, 63 characters at most */
    readonly 'servicelb-namespace'?: string | undefined
    /** `--snapshotter` of k3s, on servers and agents: a name of containerd: letters, digits, . _ - inside */
    readonly snapshotter?: string | undefined
    /** `--supervisor-metrics` of k3s, on servers */
    readonly 'supervisor-metrics'?: boolean | undefined
    /** `--system-default-registry` of k3s, on servers: a registry as images name it: registry.example:5000 */
    readonly 'system-default-registry'?: string | undefined
    /** `--tls-san` of k3s, on servers: IP addresses and DNS names in ASCII */
    readonly 'tls-san'?: readonly string[] | string | undefined
    /** `--tls-san-security` of k3s, on servers */
    readonly 'tls-san-security'?: boolean | undefined
    /** `--v` of k3s, on servers and agents */
    readonly v?: number | undefined
    /** `--vmodule` of k3s, on servers and agents: file=level, more of them after commas */
    readonly vmodule?: string | undefined
    /** `--vpn-auth` of k3s, on servers and agents; a secret, so a reference to one */
    readonly 'vpn-auth'?: SecretRefInput | undefined
    /** `--vpn-auth-file` of k3s, on servers and agents: an absolute path on the host */
    readonly 'vpn-auth-file'?: string | undefined
    /** `--write-kubeconfig-group` of k3s, on servers: a group by name or number */
    readonly 'write-kubeconfig-group'?: string | undefined
    /** `--write-kubeconfig-mode` of k3s, on servers */
    readonly 'write-kubeconfig-mode'?: string | undefined
  } | undefined
  /**
   * who can reach the ports of Kubernetes: `true`, `false` (keel does nothing), or `api`
   *
   * Default: that of the cluster; a value here replaces it completely
   */
  readonly firewall?: boolean | {
    /**
     * networks that can reach the API server (6443) besides the nodes and the Pods: one CIDR or several; `[]`: no others
     *
     * Default: all networks, as with k3s itself: certificates and tokens protect the API. On NixOS: none, because its firewall blocks everything else
     */
    readonly api?: readonly string[] | string | undefined
  } | undefined
  /**
   * `systemd`: its Pods are units of systemd, and their images Debian packages: `keel help virtual-kubelet`
   *
   * Default: none: the kubelet of its distribution
   */
  readonly kubelet?: 'systemd' | undefined
  /**
   * settings for `kubelet: 'systemd'`
   *
   * Default: those of the cluster; each key here replaces that one, and each repository and host path adds one
   */
  readonly systemdKubelet?: {
    /**
     * the packages that may be images; `*` means any characters: `postgresql-*`. Who may create Pods there can install them as root
     *
     * Default: none
     */
    readonly packages?: readonly string[] | undefined
    /**
     * the installed programs that may be images, as `exec:/usr/bin/env`; `*` means any characters but `/`
     *
     * Default: none
     */
    readonly programs?: readonly string[] | undefined
    /**
     * name → a repository of packages besides those of the host
     *
     * Default: none
     */
    readonly repositories?: { readonly [name: string]: {
      /** its address or addresses: `https://packages.example/debian` */
      readonly uris: readonly string[] | string
      /** suites such as `bookworm`, or folders such as `./` */
      readonly suites: readonly string[] | string
      /**
       * components such as `main`
       *
       * Default: none: for folders
       */
      readonly components?: readonly string[] | string | undefined
      /** the OpenPGP public key that signs it: the armoured text, or a file below the inventory with it: `keys/packages.asc` */
      readonly signedBy: string
      /**
       * how to log in there
       *
       * Default: no login
       */
      readonly login?: {
        /** the user name */
        readonly user: string
        /** a reference to the password: `{ secret: NAME }` */
        readonly password: SecretRefInput
      } | undefined
    } } | undefined
    /**
     * folder → how Pods may mount this folder, as `hostPath`
     *
     * Default: none
     */
    readonly hostPaths?: { readonly [name: string]: 'read-only' | 'read-write' } | undefined
    /**
     * what Pods leave to the system
     *
     * Default: 100m of CPU and 256Mi of memory
     */
    readonly reserve?: {
      /**
       * CPU: `250m`, or `'0.25'` of a core
       *
       * Default: `100m`
       */
      readonly cpu?: string | undefined
      /**
       * memory: `512Mi`
       *
       * Default: `256Mi`
       */
      readonly memory?: string | undefined
    } | undefined
  } | undefined
  /**
   * `false`: keel installs nothing of the keel-agent on this host
   *
   * Default: that of the cluster
   */
  readonly keelAgent?: false | undefined
  /**
   * `false`: this host downloads no new images of its Kubernetes
   *
   * Default: that of the cluster
   */
  readonly sysupdate?: false | undefined
  /**
   * where the system of a NixOS host comes from
   *
   * Default: the flake beside `hosts/`, under the name of the host, built on the host
   */
  readonly nixos?: {
    /**
     * the flake beside `hosts/`: `.`, or `.#NAME` for one of its nixosConfigurations
     *
     * Default: `.`, under the name of the host
     */
    readonly flake?: string | undefined
    /**
     * a configuration below the inventory instead of a flake, such as `hosts/ocean/configuration.nix`
     *
     * Default: none
     */
    readonly configuration?: string | undefined
    /**
     * where to build it. `target`: on the host, needs no Nix here. `local`: here. `user@host`: on that machine, through the Nix here
     *
     * Default: `target`
     */
    readonly build?: string | undefined
  } | undefined
  /**
   * files on the host
   *
   * Default: those of the cluster; for each path the host wins
   */
  readonly files?: { readonly [name: string]: string | {
    /** the file's text */
    readonly content: string
    /**
     * its mode, octal and in quotes: `0600`
     *
     * Default: `0644`
     */
    readonly mode?: string | undefined
    /**
     * its owner, by name or number
     *
     * Default: `root`
     */
    readonly owner?: string | undefined
    /**
     * its group, by name or number
     *
     * Default: `root`
     */
    readonly group?: string | undefined
  } } | undefined
  /**
   * Kubernetes manifests that k3s deploys, on servers only: name → YAML or JSON
   *
   * Default: those of the cluster; for each name the host wins
   */
  readonly manifests?: { readonly [name: string]: string } | undefined
  /**
   * k3s's `registries.yaml`
   *
   * Default: those of the cluster; for each mirror and config the host wins
   */
  readonly registries?: {
    /**
     * registry → where to pull its images from instead
     *
     * Default: none
     */
    readonly mirrors?: { readonly [name: string]: {
      /**
       * URLs, tried in their order
       *
       * Default: the registry itself
       */
      readonly endpoint?: readonly string[] | undefined
      /**
       * regular expression → replacement, for names of images
       *
       * Default: none
       */
      readonly rewrite?: { readonly [name: string]: string } | undefined
    } } | undefined
    /**
     * host of a registry or mirror → how to log in and what to trust
     *
     * Default: none
     */
    readonly configs?: { readonly [name: string]: {
      /**
       * how to log in
       *
       * Default: no login
       */
      readonly auth?: {
        /**
         * the user name
         *
         * Default: none
         */
        readonly username?: string | undefined
        /**
         * a reference to the password: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly password?: SecretRefInput | undefined
        /**
         * a reference to `user:password` in base64: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly auth?: SecretRefInput | undefined
        /**
         * a reference to a token: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly identity_token?: SecretRefInput | undefined
      } | undefined
      /**
       * what to trust
       *
       * Default: the CAs of the host
       */
      readonly tls?: {
        /**
         * path of the client certificate on the host
         *
         * Default: none
         */
        readonly cert_file?: string | undefined
        /**
         * path of the client key on the host
         *
         * Default: none
         */
        readonly key_file?: string | undefined
        /**
         * path of a trusted CA on the host
         *
         * Default: the CAs of the host
         */
        readonly ca_file?: string | undefined
        /**
         * `true`: trust any certificate
         *
         * Default: `false`
         */
        readonly insecure_skip_verify?: boolean | undefined
      } | undefined
    } } | undefined
  } | undefined
}

export type ClusterInput = {
  /**
   * the cluster's name: a-z, 0-9 and `-`
   *
   * Default: `keel`
   */
  readonly name?: string | undefined
  /**
   * `k3s`, or `kubeadm`: Kubernetes as upstream builds it (`keel help kubeadm`)
   *
   * Default: `k3s`
   */
  readonly distribution?: 'k3s' | 'kubeadm' | undefined
  /**
   * the version of Kubernetes and the build of k3s; keel knows the options of 1.33 to 1.36. The part after the `+` is free. With kubeadm a release of Kubernetes, 1.34 to 1.36: `v1.36.3`
   *
   * Default: `v1.36.3+k3s1`; with kubeadm `v1.36.3`
   */
  readonly version?: string | undefined
  /**
   * k3s only. `etcd`: embedded, also for one server, so that you can add servers later. `sqlite`: always one server
   *
   * Default: `etcd`
   */
  readonly datastore?: 'etcd' | 'sqlite' | undefined
  /**
   * the server that founds the cluster; only this server gets the key of the CA
   *
   * Default: the first server by name; with several servers keel warns
   */
  readonly firstServer?: string | undefined
  /** the networks of the cluster; fixed after its first start */
  readonly networks?: {
    /**
     * the network of Pods: a CIDR, or one of each family
     *
     * Default: `10.42.0.0/16`; with kubeadm `10.244.0.0/16`
     */
    readonly cluster?: readonly string[] | string | undefined
    /**
     * the network of Services: a CIDR, or one of each family
     *
     * Default: `10.43.0.0/16`; with kubeadm `10.96.0.0/12`
     */
    readonly service?: readonly string[] | string | undefined
    /**
     * the cluster's DNS domain
     *
     * Default: `cluster.local`
     */
    readonly domain?: string | undefined
  } | undefined
  /**
   * one address for the API, held by one healthy server at a time: `keel help topics vip`
   *
   * Default: none
   */
  readonly vip?: {
    /** the address: IPv4 or IPv6, in the network of the servers, not used by any machine */
    readonly address: string
    /**
     * the interface that holds the address
     *
     * Default: the interface whose network contains the address, found on each server
     */
    readonly interface?: string | undefined
    /**
     * what moves it: `keepalived` (VRRP, a package of the system), `kube-vip` (a DaemonSet) or `ha-vip`
     *
     * Default: `keepalived`; `kube-vip` if all servers are Flatcar; required if the servers run different systems
     */
    readonly manager?: 'keepalived' | 'kube-vip' | 'ha-vip' | undefined
    /**
     * container image of the manager, with a tag or a digest; for kube-vip and ha-vip only
     *
     * Default: kube-vip: the version that keel was written for; ha-vip: none, it runs directly on the host
     */
    readonly image?: string | undefined
  } | undefined
  /**
   * run the keel-agent on every node: `true`, `false`, or an object with details: `keel help keel-agent`
   *
   * Default: `false`
   */
  readonly keelAgent?: boolean | {
    /**
     * a file on the hosts with the token of a service account; you create and renew it
     *
     * Default: none: the agent uses the certificate of the kubelet of the node
     */
    readonly tokenFile?: string | undefined
    /**
     * `split`: an account that requests certificates may not approve them. `one-role`: one account may do both
     *
     * Default: `split`
     */
    readonly rbac?: 'split' | 'one-role' | undefined
    /**
     * path of an agent program of your own on the hosts; keel then brings none
     *
     * Default: none: keel brings its own
     */
    readonly program?: string | undefined
    /**
     * the TCP port for its clients
     *
     * Default: 50051
     */
    readonly port?: number | undefined
    /**
     * `error`, `warn`, `info` or `debug`
     *
     * Default: `info`
     */
    readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | undefined
  } | undefined
  /**
   * hosts can download new patches of their Kubernetes with systemd-sysupdate, and use none before a deploy: `keel help sysext`
   *
   * Default: none: keel places nothing for it
   */
  readonly sysupdate?: {
    /** the folder with the images and their signed list, from `keel sysext publish`: an `https:` URL */
    readonly url: string
    /** a file below the inventory with the OpenPGP public key that has signed the list, binary or armoured: `keys/images.asc` */
    readonly key: string
    /**
     * `true`: every host downloads once a day
     *
     * Default: `false`: you start systemd-sysupdate on a host
     */
    readonly timer?: boolean | undefined
  } | undefined
  /**
   * settings for all hosts with `kubelet: 'systemd'`
   *
   * Default: none
   */
  readonly systemdKubelet?: {
    /**
     * the packages that may be images; `*` means any characters: `postgresql-*`. Who may create Pods there can install them as root
     *
     * Default: none
     */
    readonly packages?: readonly string[] | undefined
    /**
     * the installed programs that may be images, as `exec:/usr/bin/env`; `*` means any characters but `/`
     *
     * Default: none
     */
    readonly programs?: readonly string[] | undefined
    /**
     * name → a repository of packages besides those of the host
     *
     * Default: none
     */
    readonly repositories?: { readonly [name: string]: {
      /** its address or addresses: `https://packages.example/debian` */
      readonly uris: readonly string[] | string
      /** suites such as `bookworm`, or folders such as `./` */
      readonly suites: readonly string[] | string
      /**
       * components such as `main`
       *
       * Default: none: for folders
       */
      readonly components?: readonly string[] | string | undefined
      /** the OpenPGP public key that signs it: the armoured text, or a file below the inventory with it: `keys/packages.asc` */
      readonly signedBy: string
      /**
       * how to log in there
       *
       * Default: no login
       */
      readonly login?: {
        /** the user name */
        readonly user: string
        /** a reference to the password: `{ secret: NAME }` */
        readonly password: SecretRefInput
      } | undefined
    } } | undefined
    /**
     * folder → how Pods may mount this folder, as `hostPath`
     *
     * Default: none
     */
    readonly hostPaths?: { readonly [name: string]: 'read-only' | 'read-write' } | undefined
    /**
     * what Pods leave to the system
     *
     * Default: 100m of CPU and 256Mi of memory
     */
    readonly reserve?: {
      /**
       * CPU: `250m`, or `'0.25'` of a core
       *
       * Default: `100m`
       */
      readonly cpu?: string | undefined
      /**
       * memory: `512Mi`
       *
       * Default: `256Mi`
       */
      readonly memory?: string | undefined
    } | undefined
  } | undefined
  /**
   * options of k3s for all hosts
   *
   * Default: none
   */
  readonly k3s?: {
    /** `--advertise-address` of k3s, on servers: an IP address that the other nodes reach */
    readonly 'advertise-address'?: string | undefined
    /** `--advertise-port` of k3s, on servers */
    readonly 'advertise-port'?: number | undefined
    /** `--airgap-extra-registry` of k3s, on servers and agents: a registry as images name it: registry.example:5000 */
    readonly 'airgap-extra-registry'?: readonly string[] | string | undefined
    /** `--alsologtostderr` of k3s, on servers and agents */
    readonly alsologtostderr?: boolean | undefined
    /** `--apiserver-bind-address` of k3s, on servers: an IP address to listen on */
    readonly 'apiserver-bind-address'?: string | undefined
    /** `--bind-address` of k3s, on servers and agents: an IP address to listen on */
    readonly 'bind-address'?: string | undefined
    /** `--cluster-dns` of k3s, on servers: an IP address that the other nodes reach */
    readonly 'cluster-dns'?: readonly string[] | string | undefined
    /** `--container-runtime-endpoint` of k3s, on servers and agents: a socket's path, or unix:// and the path */
    readonly 'container-runtime-endpoint'?: string | undefined
    /** `--debug` of k3s, on servers and agents */
    readonly debug?: boolean | undefined
    /** `--default-local-storage-path` of k3s, on servers: an absolute path on the host */
    readonly 'default-local-storage-path'?: string | undefined
    /** `--default-runtime` of k3s, on servers and agents: a name of containerd: letters, digits, . _ - inside */
    readonly 'default-runtime'?: string | undefined
    /** `--disable` of k3s, on servers: coredns, servicelb, traefik, local-storage, metrics-server or runtimes */
    readonly disable?: readonly string[] | string | undefined
    /** `--disable-apiserver-lb` of k3s, on agents */
    readonly 'disable-apiserver-lb'?: boolean | undefined
    /** `--disable-cloud-controller` of k3s, on servers */
    readonly 'disable-cloud-controller'?: boolean | undefined
    /** `--disable-default-registry-endpoint` of k3s, on servers and agents */
    readonly 'disable-default-registry-endpoint'?: boolean | undefined
    /** `--disable-helm-controller` of k3s, on servers */
    readonly 'disable-helm-controller'?: boolean | undefined
    /** `--disable-kube-proxy` of k3s, on servers */
    readonly 'disable-kube-proxy'?: boolean | undefined
    /** `--disable-network-policy` of k3s, on servers */
    readonly 'disable-network-policy'?: boolean | undefined
    /** `--docker` of k3s, on servers and agents */
    readonly docker?: boolean | undefined
    /** `--egress-selector-mode` of k3s, on servers: agent, cluster, pod or disabled */
    readonly 'egress-selector-mode'?: 'agent' | 'cluster' | 'pod' | 'disabled' | undefined
    /** `--embedded-registry` of k3s, on servers */
    readonly 'embedded-registry'?: boolean | undefined
    /** `--enable-pprof` of k3s, on servers and agents */
    readonly 'enable-pprof'?: boolean | undefined
    /** `--etcd-arg` of k3s, on servers: key=value */
    readonly 'etcd-arg'?: readonly string[] | string | undefined
    /** `--etcd-disable-snapshots` of k3s, on servers */
    readonly 'etcd-disable-snapshots'?: boolean | undefined
    /** `--etcd-expose-metrics` of k3s, on servers */
    readonly 'etcd-expose-metrics'?: boolean | undefined
    /** `--etcd-s3` of k3s, on servers */
    readonly 'etcd-s3'?: boolean | undefined
    /** `--etcd-s3-access-key` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-access-key'?: SecretRefInput | undefined
    /** `--etcd-s3-bucket` of k3s, on servers: a bucket's name: 3 to 63 letters, digits, . _ : or - inside */
    readonly 'etcd-s3-bucket'?: string | undefined
    /** `--etcd-s3-bucket-lookup-type` of k3s, on servers: auto, dns or path */
    readonly 'etcd-s3-bucket-lookup-type'?: 'auto' | 'dns' | 'path' | undefined
    /** `--etcd-s3-config-secret` of k3s, on servers: a Secret's name: a-z, 0-9, - and . inside, 253 characters at most */
    readonly 'etcd-s3-config-secret'?: string | undefined
    /** `--etcd-s3-endpoint` of k3s, on servers: a host, perhaps with a port: s3.example:9000 */
    readonly 'etcd-s3-endpoint'?: string | undefined
    /** `--etcd-s3-endpoint-ca` of k3s, on servers: a path on the host, or a certificate in base64 */
    readonly 'etcd-s3-endpoint-ca'?: string | undefined
    /** `--etcd-s3-folder` of k3s, on servers: a text */
    readonly 'etcd-s3-folder'?: string | undefined
    /** `--etcd-s3-insecure` of k3s, on servers */
    readonly 'etcd-s3-insecure'?: boolean | undefined
    /** `--etcd-s3-proxy` of k3s, on servers: 'none', or a URL: http://proxy.example:3128 */
    readonly 'etcd-s3-proxy'?: string | undefined
    /** `--etcd-s3-region` of k3s, on servers: a region's name: letters, digits, . _ - */
    readonly 'etcd-s3-region'?: string | undefined
    /** `--etcd-s3-retention` of k3s, on servers */
    readonly 'etcd-s3-retention'?: number | undefined
    /** `--etcd-s3-secret-key` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-secret-key'?: SecretRefInput | undefined
    /** `--etcd-s3-session-token` of k3s, on servers; a secret, so a reference to one */
    readonly 'etcd-s3-session-token'?: SecretRefInput | undefined
    /** `--etcd-s3-skip-ssl-verify` of k3s, on servers */
    readonly 'etcd-s3-skip-ssl-verify'?: boolean | undefined
    /** `--etcd-s3-timeout` of k3s, on servers */
    readonly 'etcd-s3-timeout'?: string | undefined
    /** `--etcd-snapshot-compress` of k3s, on servers */
    readonly 'etcd-snapshot-compress'?: boolean | undefined
    /** `--etcd-snapshot-dir` of k3s, on servers: an absolute path on the host */
    readonly 'etcd-snapshot-dir'?: string | undefined
    /** `--etcd-snapshot-name` of k3s, on servers: a file's name: letters, digits, . _ - */
    readonly 'etcd-snapshot-name'?: string | undefined
    /** `--etcd-snapshot-reconcile-interval` of k3s, on servers */
    readonly 'etcd-snapshot-reconcile-interval'?: string | undefined
    /** `--etcd-snapshot-retention` of k3s, on servers */
    readonly 'etcd-snapshot-retention'?: number | undefined
    /** `--etcd-snapshot-schedule-cron` of k3s, on servers: five fields of cron: '0 *\/5 * * *' */
    readonly 'etcd-snapshot-schedule-cron'?: string | undefined
    /** `--flannel-backend` of k3s, on servers: vxlan, host-gw, wireguard-native, tailscale or none */
    readonly 'flannel-backend'?: 'vxlan' | 'host-gw' | 'wireguard-native' | 'tailscale' | 'none' | undefined
    /** `--flannel-cni-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'flannel-cni-conf'?: string | undefined
    /** `--flannel-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'flannel-conf'?: string | undefined
    /** `--flannel-external-ip` of k3s, on servers */
    readonly 'flannel-external-ip'?: boolean | undefined
    /** `--flannel-ipv6-masq` of k3s, on servers */
    readonly 'flannel-ipv6-masq'?: boolean | undefined
    /** `--helm-job-image` of k3s, on servers: the name of a container image: registry.example/name:1.2 */
    readonly 'helm-job-image'?: string | undefined
    /** `--image-credential-provider-bin-dir` of k3s, on servers and agents: an absolute path on the host */
    readonly 'image-credential-provider-bin-dir'?: string | undefined
    /** `--image-credential-provider-config` of k3s, on servers and agents: an absolute path on the host */
    readonly 'image-credential-provider-config'?: string | undefined
    /** `--image-service-endpoint` of k3s, on servers and agents: a socket's path, or unix:// and the path */
    readonly 'image-service-endpoint'?: string | undefined
    /** `--kube-apiserver-arg` of k3s, on servers: key=value */
    readonly 'kube-apiserver-arg'?: readonly string[] | string | undefined
    /** `--kube-cloud-controller-arg` of k3s, on servers: key=value */
    readonly 'kube-cloud-controller-arg'?: readonly string[] | string | undefined
    /** `--kube-cloud-controller-manager-arg` of k3s, on servers: key=value */
    readonly 'kube-cloud-controller-manager-arg'?: readonly string[] | string | undefined
    /** `--kube-controller-arg` of k3s, on servers: key=value */
    readonly 'kube-controller-arg'?: readonly string[] | string | undefined
    /** `--kube-controller-manager-arg` of k3s, on servers: key=value */
    readonly 'kube-controller-manager-arg'?: readonly string[] | string | undefined
    /** `--kube-proxy-arg` of k3s, on servers and agents: key=value */
    readonly 'kube-proxy-arg'?: readonly string[] | string | undefined
    /** `--kube-scheduler-arg` of k3s, on servers: key=value */
    readonly 'kube-scheduler-arg'?: readonly string[] | string | undefined
    /** `--kubelet-arg` of k3s, on servers and agents: key=value */
    readonly 'kubelet-arg'?: readonly string[] | string | undefined
    /** `--lb-server-port` of k3s, on servers and agents */
    readonly 'lb-server-port'?: number | undefined
    /** `--log` of k3s, on servers and agents: an absolute path on the host */
    readonly log?: string | undefined
    /** `--node-external-dns` of k3s, on servers and agents: DNS names in small letters */
    readonly 'node-external-dns'?: readonly string[] | string | undefined
    /** `--node-external-ip` of k3s, on servers and agents: an IP address that the other nodes reach */
    readonly 'node-external-ip'?: readonly string[] | string | undefined
    /** `--node-internal-dns` of k3s, on servers and agents: DNS names in small letters */
    readonly 'node-internal-dns'?: readonly string[] | string | undefined
    /** `--nonroot-devices` of k3s, on servers and agents */
    readonly 'nonroot-devices'?: boolean | undefined
    /** `--pause-image` of k3s, on servers and agents: the name of a container image: registry.example/name:1.2 */
    readonly 'pause-image'?: string | undefined
    /** `--prefer-bundled-bin` of k3s, on servers and agents */
    readonly 'prefer-bundled-bin'?: boolean | undefined
    /** `--protect-kernel-defaults` of k3s, on servers and agents */
    readonly 'protect-kernel-defaults'?: boolean | undefined
    /** `--resolv-conf` of k3s, on servers and agents: an absolute path on the host */
    readonly 'resolv-conf'?: string | undefined
    /** `--secrets-encryption` of k3s, on servers */
    readonly 'secrets-encryption'?: boolean | undefined
    /** `--secrets-encryption-provider` of k3s, on servers: aescbc or secretbox */
    readonly 'secrets-encryption-provider'?: 'aescbc' | 'secretbox' | undefined
    /** `--selinux` of k3s, on servers and agents */
    readonly selinux?: boolean | undefined
    /** `--service-node-port-range` of k3s, on servers: a range of ports from 1 to 65535: 30000-32767, 30000+2767 */
    readonly 'service-node-port-range'?: string | undefined
    /** `--servicelb-namespace` of k3s, on servers: a namespace: a-z, 0-9 and - inside, 63 characters at most */
    readonly 'servicelb-namespace'?: string | undefined
    /** `--snapshotter` of k3s, on servers and agents: a name of containerd: letters, digits, . _ - inside */
    readonly snapshotter?: string | undefined
    /** `--supervisor-metrics` of k3s, on servers */
    readonly 'supervisor-metrics'?: boolean | undefined
    /** `--system-default-registry` of k3s, on servers: a registry as images name it: registry.example:5000 */
    readonly 'system-default-registry'?: string | undefined
    /** `--tls-san` of k3s, on servers: IP addresses and DNS names in ASCII */
    readonly 'tls-san'?: readonly string[] | string | undefined
    /** `--tls-san-security` of k3s, on servers */
    readonly 'tls-san-security'?: boolean | undefined
    /** `--v` of k3s, on servers and agents */
    readonly v?: number | undefined
    /** `--vmodule` of k3s, on servers and agents: file=level, more of them after commas */
    readonly vmodule?: string | undefined
    /** `--vpn-auth` of k3s, on servers and agents; a secret, so a reference to one */
    readonly 'vpn-auth'?: SecretRefInput | undefined
    /** `--vpn-auth-file` of k3s, on servers and agents: an absolute path on the host */
    readonly 'vpn-auth-file'?: string | undefined
    /** `--write-kubeconfig-group` of k3s, on servers: a group by name or number */
    readonly 'write-kubeconfig-group'?: string | undefined
    /** `--write-kubeconfig-mode` of k3s, on servers */
    readonly 'write-kubeconfig-mode'?: string | undefined
  } | undefined
  /**
   * kubeadm only. The network of Pods: `flannel`, `none` (you install one), or an object with `manifests`: `keel help kubeadm`
   *
   * Default: `flannel`
   */
  readonly cni?: 'flannel' | 'none' | {
    /** manifests of another network, such as Calico, in their order: files below the inventory, or `https:` URLs that `keel pin` pins */
    readonly manifests: readonly string[]
  } | undefined
  /**
   * kubeadm only. `managed`: keel writes /etc/containerd/config.toml on the hosts: `keel help kubeadm`
   *
   * Default: none: keel only checks the containerd of a host
   */
  readonly containerd?: 'managed' | undefined
  /**
   * who can reach the ports of Kubernetes: `true`, `false` (keel does nothing), or `api`
   *
   * Default: `true`
   */
  readonly firewall?: boolean | {
    /**
     * networks that can reach the API server (6443) besides the nodes and the Pods: one CIDR or several; `[]`: no others
     *
     * Default: all networks, as with k3s itself: certificates and tokens protect the API. On NixOS: none, because its firewall blocks everything else
     */
    readonly api?: readonly string[] | string | undefined
  } | undefined
  /**
   * files on all hosts
   *
   * Default: none
   */
  readonly files?: { readonly [name: string]: string | {
    /** the file's text */
    readonly content: string
    /**
     * its mode, octal and in quotes: `0600`
     *
     * Default: `0644`
     */
    readonly mode?: string | undefined
    /**
     * its owner, by name or number
     *
     * Default: `root`
     */
    readonly owner?: string | undefined
    /**
     * its group, by name or number
     *
     * Default: `root`
     */
    readonly group?: string | undefined
  } } | undefined
  /**
   * Kubernetes manifests that k3s deploys: name → YAML or JSON
   *
   * Default: none
   */
  readonly manifests?: { readonly [name: string]: string } | undefined
  /**
   * k3s's `registries.yaml` for all hosts
   *
   * Default: none
   */
  readonly registries?: {
    /**
     * registry → where to pull its images from instead
     *
     * Default: none
     */
    readonly mirrors?: { readonly [name: string]: {
      /**
       * URLs, tried in their order
       *
       * Default: the registry itself
       */
      readonly endpoint?: readonly string[] | undefined
      /**
       * regular expression → replacement, for names of images
       *
       * Default: none
       */
      readonly rewrite?: { readonly [name: string]: string } | undefined
    } } | undefined
    /**
     * host of a registry or mirror → how to log in and what to trust
     *
     * Default: none
     */
    readonly configs?: { readonly [name: string]: {
      /**
       * how to log in
       *
       * Default: no login
       */
      readonly auth?: {
        /**
         * the user name
         *
         * Default: none
         */
        readonly username?: string | undefined
        /**
         * a reference to the password: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly password?: SecretRefInput | undefined
        /**
         * a reference to `user:password` in base64: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly auth?: SecretRefInput | undefined
        /**
         * a reference to a token: `{ secret: NAME }`
         *
         * Default: none
         */
        readonly identity_token?: SecretRefInput | undefined
      } | undefined
      /**
       * what to trust
       *
       * Default: the CAs of the host
       */
      readonly tls?: {
        /**
         * path of the client certificate on the host
         *
         * Default: none
         */
        readonly cert_file?: string | undefined
        /**
         * path of the client key on the host
         *
         * Default: none
         */
        readonly key_file?: string | undefined
        /**
         * path of a trusted CA on the host
         *
         * Default: the CAs of the host
         */
        readonly ca_file?: string | undefined
        /**
         * `true`: trust any certificate
         *
         * Default: `false`
         */
        readonly insecure_skip_verify?: boolean | undefined
      } | undefined
    } } | undefined
  } | undefined
  /**
   * for all hosts without a value of their own
   *
   * Default: none
   */
  readonly defaults?: {
    /**
     * `nixos`, `flatcar` or `debian`
     *
     * Default: none
     */
    readonly os?: 'nixos' | 'flatcar' | 'debian' | undefined
    /**
     * `amd64` or `arm64`
     *
     * Default: `amd64`
     */
    readonly arch?: 'amd64' | 'arm64' | undefined
    /**
     * the user of addresses without one
     *
     * Default: `root`; on Flatcar `core`
     */
    readonly user?: string | undefined
    /**
     * the port of addresses without one
     *
     * Default: 22
     */
    readonly port?: number | undefined
    /**
     * labels that every Node registers with
     *
     * Default: none
     */
    readonly labels?: { readonly [name: string]: string } | undefined
    /**
     * taints that every Node registers with: `key=value:Effect` or `key:Effect`
     *
     * Default: none
     */
    readonly taints?: readonly string[] | undefined
    /**
     * tags that every host has
     *
     * Default: none
     */
    readonly tags?: readonly string[] | undefined
    /**
     * the network of hosts without one
     *
     * Default: none
     */
    readonly network?: {
      /**
       * the interface for traffic between nodes (`tailscale0` for Tailscale and Headscale). flannel uses it, and k3s starts after it
       *
       * Default: the interface of the default route
       */
      readonly interface?: string | undefined
    } | undefined
  } | undefined
}

export type SecretsInput = {
  /** name → public key: `ssh-ed25519`, `ssh-rsa` or `age1…` */
  readonly admins: { readonly [name: string]: string }
  /** name → rule; the file is `secrets/<name>.age` */
  readonly secrets: { readonly [name: string]: {
    /** names of hosts and admins, and the groups `admins`, `servers`, `agents`, `firstServer`, which keel derives from the roles */
    readonly readers: readonly string[]
    /**
     * `k3s-token`, `k3s-ca`, `kubeadm-ca`, `service-account-key` or `keel-agent-ca`: `keel init` or `keel rekey` creates the value
     *
     * Default: none: `keel secret set` stores it
     */
    readonly generate?: 'k3s-token' | 'k3s-ca' | 'kubeadm-ca' | 'service-account-key' | 'keel-agent-ca' | undefined
    /**
     * `true`: ASCII instead of binary
     *
     * Default: `false`
     */
    readonly armor?: boolean | undefined
  } }
}

/** What a file of an inventory exports as its default. */
export interface Definition<Kind extends 'cluster' | 'host' | 'secrets'> {
  readonly kind: Kind
}

/** hosts/cluster.ts: what all hosts share. */
export declare function defineCluster(cluster: ClusterInput): Definition<'cluster'>
/** hosts/<name>/host.ts: one machine; the folder's name is the host's. */
export declare function defineHost(host: HostInput): Definition<'host'>
/** secrets.ts: admins, and who may read which secret. */
export declare function defineSecrets(secrets: SecretsInput): Definition<'secrets'>
/** A reference to the value of secrets/<name>.age, for an option with a secret value: `'vpn-auth': secret('headscale')`. */
export declare function secret(name: string): SecretRefInput
