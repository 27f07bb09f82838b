import type { Explanation } from './explanation.ts'

export const refusals: readonly Explanation[] = [
  {
    codes: ['wrong-os', 'wrong-arch', 'unfit-host'],
    means: 'The machine is not what the inventory says, or is too old for keel. keel writes nothing to it.',
    cause:
      'The address belongs to another machine, the machine was installed with another system, or its systemd is too old for encrypted credentials.',
    todo: 'Check that the address is right. Correct `os` or `arch`, or upgrade the system (Debian 12 or newer).',
  },
  {
    codes: ['foreign-ca', 'server-data-on-agent', 'renamed-host'],
    means: 'The host has data of k3s that does not fit its role, its name or this cluster.',
    cause: 'The machine was part of another cluster, was a server before, or had another name in the inventory.',
    todo: 'Check that it is the right machine. If nobody needs its data, stop k3s there and wipe the data folder that the message names. For a renamed host, rename its folder in hosts/ back.',
  },
  {
    codes: ['server-data-deleted', 'founding-again', 'founding-blind'],
    means: 'This deploy could found a second cluster beside the existing one. keel refuses it.',
    cause:
      'The data folder of a server was deleted or its disk replaced, and `firstServer` still points to it; or a server that may have the data does not answer.',
    todo: 'Set `firstServer` to a server that has the data, or start the one that does not answer. Then the empty server joins like any other.',
  },
  {
    codes: ['fixed-at-first-start'],
    means:
      'k3s fixed this setting when the cluster started for the first time, and ignores or refuses another value later.',
    cause:
      'A change of `networks`, `datastore`, the cluster domain, encryption of secrets, or the address of an etcd member.',
    todo: 'Take the change back. For another value, create a new cluster and move the workloads.',
    topic: 'k3s',
  },
  {
    codes: ['version-skips', 'version-downgrade', 'version-blind', 'kubelet-too-old', 'kubelet-newer'],
    means:
      'Kubernetes does not support this step between versions. A control plane goes up one minor version at a time and never down, and no kubelet is newer than it.',
    cause:
      '`version` was changed by more than one minor version or to an older one, only agents are deployed, or a server does not answer.',
    todo: 'Set `version` to the next minor version, deploy all servers, then continue. To go back, restore a snapshot from before the upgrade.',
    topic: 'k3s',
  },
  {
    codes: ['foreign-kubernetes', 'foreign-unit', 'foreign-starter', 'unit-shadowed', 'port-in-use'],
    means: 'Something on the host that is not from keel runs Kubernetes, starts it, or uses its ports.',
    cause: 'An earlier installation (k3s’ own install script, kubeadm, microk8s), or another web or DNS server.',
    todo: 'Remove it with its own uninstaller, for example `k3s-uninstall.sh`, which also deletes its data. Or free the port.',
    topic: 'beside-keel',
  },
  {
    codes: [
      'foreign-command',
      'foreign-config',
      'foreign-variable',
      'foreign-variables',
      'foreign-drop-in',
      'foreign-default',
    ],
    means:
      'Settings on the host that are not from keel change how k3s runs. keel leaves them alone, and refuses those that contradict the inventory.',
    cause: 'A drop-in, an environment file or a config file from an earlier installation, a guide, or a package.',
    todo: 'Move what you need into `k3s` of the inventory, and remove the file as the message shows.',
    topic: 'beside-keel',
  },
  {
    codes: [
      'foreign-manifest',
      'foreign-pod',
      'foreign-registries',
      'foreign-containerd',
      'foreign-kubelet',
      'foreign-cni',
    ],
    means:
      'A note: there are files on the host that k3s, its kubelet or containerd read, and that are not from keel. keel does not touch them.',
    cause: 'Another tool or a person put them there.',
    todo: 'Nothing, if somebody needs them. Else remove them as the message shows.',
    topic: 'beside-keel',
  },
  {
    codes: ['foreign-object'],
    means:
      'An object in the cluster’s API has the name of one of keel’s objects, but keel did not make it. keel does not overwrite it.',
    cause: 'Somebody applied a similar manifest by hand, such as kube-vip.',
    todo: 'Delete it, or hand it over to keel with the label that the message shows.',
  },
  {
    codes: ['no-nft', 'no-keepalived', 'no-nix', 'no-sysupdate'],
    means: 'A program that this inventory needs is missing. keel installs no packages on Debian and Flatcar.',
    cause: 'A minimal installation of the system.',
    todo: 'Install the package that the message names, or choose the setting that does without.',
  },
  {
    codes: ['peers-unaware', 'vip-peers'],
    means:
      'A new server would not hear the others about the virtual IP, and would take the address although another server has it.',
    cause:
      'The system of a NixOS server is not up to date and does not know the new server, or a server has no address of the family of the virtual IP.',
    todo: 'Deploy the servers together, and set `nodeIP` where it is missing.',
    topic: 'vip',
  },
  {
    codes: ['vip-manager', 'vip-interface', 'vip-image', 'vip-network', 'vip-nixos', 'vip-taken', 'no-vip'],
    means: 'The virtual IP of the inventory is missing or cannot work as written.',
    cause:
      'An address that a machine has already or that is outside of the network of the servers, a manager that one of the systems does not support, or an image for a manager without one.',
    todo: 'Run `keel explain cluster.vip`.',
    topic: 'vip',
  },
  {
    codes: ['flatcar-account', 'flatcar-login', 'flatcar-path', 'flatcar-reboots', 'no-login'],
    means:
      'Something in the inventory is not possible on Flatcar, whose machines are configured once, at their first boot.',
    cause:
      'An owner that does not exist at first boot, a login as another user than core or root, a file on the read-only part of the system, updates that could reboot several servers at once, or no admin with an SSH key.',
    todo: 'Correct it before you render the config and install the machine.',
    topic: 'flatcar',
  },
  {
    codes: [
      'nixos-both',
      'nixos-elsewhere',
      'nixos-build',
      'nixos-configuration',
      'nixos-flake',
      'nixos-system',
      'nixos-interface',
      'module-not-imported',
    ],
    means: 'keel does not know which NixOS system to build for the host, or keel’s module is not part of it.',
    cause:
      'Both a flake and a configuration are named, `nixos` is set on a host with another system, a path leads out of the inventory, or `hosts/NAME/k3s.nix` is missing in the imports.',
    todo: 'Import `hosts/NAME/k3s.nix` in the configuration of the host, and see `keel explain host.nixos`.',
    topic: 'nixos',
  },
  {
    codes: ['nixos-sources', 'nixos-untracked', 'git-refuses'],
    means: 'Nix would not see a file that the system needs. A flake contains only files that git tracks.',
    cause: 'A new file without `git add`, or a repository that belongs to another user, which git refuses.',
    todo: 'Run `git add` for the file. It need not be committed.',
    topic: 'nixos',
  },
  {
    codes: ['build-failed', 'switch-failed', 'rolled-back'],
    means:
      '`build-failed`: Nix could not build the system, and the host is unchanged. `switch-failed`: the switch to it failed. `rolled-back`: the new system was not healthy, and the host runs its previous system again.',
    cause:
      'An error in the Nix configuration, a failed download, a service that does not start, or k3s that did not become healthy.',
    todo: 'Build it here to see everything: `nixos-rebuild build --flake .#HOST`. Then correct it and deploy again.',
    topic: 'nixos',
  },
]
