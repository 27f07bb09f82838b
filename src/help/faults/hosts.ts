import type { Explanation } from './explanation.ts'

export const hosts: readonly Explanation[] = [
  {
    codes: ['unknown-host', 'no-match', 'unknown-tag'],
    means: 'Nothing in the inventory has this name, pattern or tag.',
    cause: 'A typing error, a pattern that the shell has expanded (quote it), or another inventory than you think.',
    todo: 'Look into hosts/, or let the shell complete the names.',
    topic: 'choosing-hosts',
  },
  {
    codes: [
      'host-name',
      'admin-name',
      'cluster-name',
      'secret-name',
      'tag',
      'manifest-name',
      'interface-name',
      'domain',
    ],
    means:
      'A name has characters that are not possible where it is used: in a folder, a Node of Kubernetes, a unit of systemd or a domain.',
    cause:
      'Upper case, spaces or underscores in a name, or the name of a group of readers (`admins`, `servers`, `agents`, `firstServer`).',
    todo: 'Rename it. `a-z`, `0-9` and `-` inside are always right.',
    topic: 'inventory',
  },
  {
    codes: ['ssh-address', 'node-ip', 'ip', 'network', 'image', 'endpoint', 'registry', 'rewrite'],
    means:
      'The text is not what this key takes: an address, a network in CIDR form, an image with a version, or the URL of a registry.',
    cause:
      'IPv6 without brackets before a port, a network whose host part is not zero, an image with `latest` or without a version, or a URL without `https://`.',
    todo: '`keel explain KEY` shows an example in the right form.',
    topic: 'inventory',
  },
  {
    codes: ['same-name', 'same-address', 'same-node-ip', 'same-key'],
    means:
      'Two hosts or admins of the inventory claim the same name, address or key. One machine would get the files or secrets of two.',
    cause:
      'A host file that was copied for a new host, or virtual machines that were cloned together with their host keys.',
    todo: 'Correct one of the two. Give a cloned machine its own key: `rm /etc/ssh/ssh_host_* && ssh-keygen -A`.',
  },
  {
    codes: ['label', 'taint', 'label-kubelet', 'label-taken', 'taint-condition'],
    means: 'Kubernetes, its kubelet or k3s would refuse this label or taint, or would set it back.',
    cause:
      'A wrong form, a prefix such as `kubernetes.io` that a kubelet may not set, or a key that k3s or Kubernetes manages itself.',
    todo: 'Use a prefix of your own (`example.com/tier`). Set `node-role.kubernetes.io/…` with `kubectl label node` after the join.',
    topic: 'inventory',
  },
  {
    codes: ['file-path', 'file-owned', 'file-mode', 'file-owner', 'file-content', 'file-twice'],
    means: 'A file under `files` cannot be put on a host as it is written.',
    cause:
      'A relative path, a path that belongs to keel, k3s or systemd, a mode without quotes in YAML (octal 0644 becomes another number), a binary content, or two entries for one path.',
    todo: 'Choose another path, and write the mode as a text: `0644` in quotes.',
    topic: 'inventory',
  },
  {
    codes: ['manifests-agent', 'manifest-syntax', 'manifest-object'],
    means: 'A Kubernetes manifest of the inventory would not be deployed, or not by k3s.',
    cause: 'It belongs to an agent, it is not valid YAML, or an object has no kind, apiVersion or name.',
    todo: 'Move it to hosts/cluster or to a server. Test its text with `kubectl apply --dry-run=client -f`.',
    topic: 'inventory',
  },
  {
    codes: ['tls-pair'],
    means: 'A registry has a client certificate without its key, or a key without its certificate.',
    cause: 'One of `cert_file` and `key_file` is missing.',
    todo: 'Set both. For one file with both parts, name it twice.',
    topic: 'inventory',
  },
  {
    codes: ['first-server', 'first-server-unsaid', 'sqlite-servers', 'even-servers'],
    means:
      'The servers of the inventory do not fit together. Exactly one server founds the cluster, sqlite has one server, and etcd needs a majority.',
    cause:
      '`firstServer` names no server, several servers without `firstServer`, two or four servers, or sqlite with more than one.',
    todo: 'Use 1, 3 or 5 servers with etcd, and set `firstServer` in hosts/cluster.',
    topic: 'inventory',
  },
  {
    codes: [
      'network-families',
      'network-range',
      'network-overlap',
      'network-size',
      'node-ip-network',
      'node-ip-families',
      'advertised-family',
    ],
    means:
      'The networks of the cluster or the addresses of its nodes contradict each other. k3s would not start, or Pods could not reach each other.',
    cause:
      'The Pod network contains an address of a node or overlaps the Service network, it is too small for the number of nodes, or IPv4 and IPv6 are mixed in different orders.',
    todo: 'Correct `networks` in hosts/cluster before the first deploy: they are fixed after the first start.',
    topic: 'inventory',
  },
  {
    codes: ['node-address'],
    means:
      'keel does not know at which address the other nodes will see this host, or a Node uses another one than the inventory says. Firewalls and joins depend on it.',
    cause: 'A host without `nodeIP` that has several addresses, or whose address has changed.',
    todo: 'Set `nodeIP` of the host to the address that other nodes use.',
    topic: 'inventory',
  },
  {
    codes: ['no-host-file', 'no-host-key'],
    means:
      'A warning: a folder in hosts/ has no host file, or a host has no key yet. keel renders such a host, but does not deploy it.',
    cause: 'A host that is prepared before its machine exists, or a file that was not committed.',
    todo: 'Run `keel add-node NAME` when the machine has booted.',
    topic: 'add-a-node',
  },
  {
    codes: ['host-exists'],
    means: 'The inventory already has this host, with a key. `keel add-node` adds only hosts that are new.',
    cause: 'An earlier add-node that failed after it had reached the host: the host stays in the inventory then.',
    todo: 'Run `keel deploy NAME` to continue.',
    topic: 'add-a-node',
  },
  {
    codes: [
      'keel-agent-path',
      'keel-agent-one-role',
      'unit-word',
      'unit-control-character',
      'keepalived-word',
      'nft-value',
      'nix-nul',
      'nix-number',
      'nix-path',
      'shell-nul',
    ],
    means:
      'A value cannot be written safely into a file of the host: a systemd unit, keepalived.conf, nftables rules, a Nix module or a shell script. `keel-agent-one-role` is a warning: one account may request certificates and approve them.',
    cause: 'Control characters, NUL bytes or unusual characters in a path or a name.',
    todo: 'Use a plain value.',
  },
]
