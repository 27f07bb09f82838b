import type { Explanation } from './explanation.ts'

export const kubeadm: readonly Explanation[] = [
  {
    codes: ['pin-kubeadm'],
    means:
      '`keel pin` pins k3s. In a cluster of kubeadm, keel pins the programs when it makes the image of them, and `keel pin` only Node for the keel-agent, and manifests of the network that come from a URL.',
    cause: "The inventory has `distribution: 'kubeadm'`.",
    todo: 'Run `keel sysext build kubernetes VERSION` in the inventory.',
    topic: 'sysext',
  },
  {
    codes: ['kubernetes-version', 'manifest-source'],
    means: 'A version of Kubernetes, or the source of a manifest, does not have a form that keel takes.',
    cause:
      'A version of k3s (`v1.36.3+k3s1`) with kubeadm, a minor that keel does not know, or a path outside of the inventory.',
    todo: 'Write a release of Kubernetes (`v1.36.3`), a file below the inventory, or an `https:` URL.',
    topic: 'kubeadm',
  },
  {
    codes: ['manifest-fetch', 'manifest-text'],
    means: 'keel could not get a manifest that `cni` in hosts/cluster names by its URL, or got something else.',
    cause: 'No network, a wrong address, the page about a file instead of the file, or more than 4 MB.',
    todo: 'Open the address. Without a network name a mirror in KEEL_MIRROR, or put the file into the inventory.',
    topic: 'kubeadm',
  },
  {
    codes: ['distribution-lacks'],
    means: 'The distribution of this cluster cannot have a key of the inventory, or the value of a key.',
    cause: 'An option of k3s in a cluster of kubeadm, the other way round, or a NixOS host with kubeadm.',
    todo: 'Remove the key, or choose the other distribution. The message has the reason.',
    topic: 'kubeadm',
  },
  {
    codes: ['kubeadm-ca', 'service-account-key'],
    means:
      'The certificate of a CA of a kubeadm cluster has expired, is damaged, or does not belong to its key. Or the service-account key is no key that an API server can sign with.',
    cause:
      'Only one of the two files was restored from git, or a value was set by hand. kubeadm itself would not notice.',
    todo: 'Restore the certificate and its key from the same commit.',
    topic: 'kubeadm',
  },
  {
    codes: ['kubeadm-endpoint', 'kubeadm-no-cni'],
    means: 'A warning about a setting that kubeadm takes, and that you may regret later.',
    cause: 'A cluster without `vip`, whose kubeconfigs all name the first server; or `cni: none`.',
    todo: 'Set `vip` before the cluster is founded; install a network for Pods.',
    topic: 'kubeadm',
  },
  {
    codes: ['images-url', 'image-key', 'sysupdate-no-image', 'sysupdate-other-file'],
    means: 'Hosts could not download new images of their Kubernetes, or not those that you have signed.',
    cause:
      'A URL that is not `https:` or has a password, a file that is no OpenPGP public key, hosts whose Kubernetes is no image, or a file of somebody else that systemd reads instead of keel’s.',
    todo: 'Write the key with `gpg --armor --export FINGERPRINT`. A private key in the inventory is known to everybody who reads it: make a new one. For hosts without an image write `sysupdate: false`.',
    topic: 'sysext',
  },
  {
    codes: ['newer-image'],
    means: 'A note: a host has downloaded a newer patch of Kubernetes, and does not use it.',
    cause: '`sysupdate` in hosts/cluster. Downloads change nothing that runs.',
    todo: 'When you want it, write the version into hosts/cluster, pin it and deploy.',
    topic: 'sysext',
  },
  {
    codes: ['containerd-absent', 'containerd-stopped', 'containerd-unread', 'containerd-too-old'],
    means: 'The host has no containerd that kubelet can use.',
    cause:
      'It is not installed, does not run, can’t read its own configuration, or is too old for the version of Kubernetes.',
    todo: 'Install or start it, or fix its configuration: `containerd config dump` shows it. keel installs no packages.',
    topic: 'kubeadm',
  },
  {
    codes: ['containerd-no-cri', 'containerd-cgroups', 'containerd-cni-folder'],
    means: 'A setting of containerd with which no Pod would run, or not for long.',
    cause: 'Packages have such settings: Docker’s turns CRI off, and Debian’s looks for CNI plugins in /usr/lib/cni.',
    todo: 'Change /etc/containerd/config.toml as the message says, and restart containerd.',
    topic: 'kubeadm',
  },
  {
    codes: ['containerd-replaced', 'containerd-released', 'containerd-other-file'],
    means:
      "/etc/containerd/config.toml belongs to keel with `containerd: 'managed'`: keel replaces a file of somebody else, would remove its own, or containerd reads another one.",
    cause: 'The setting is new or was removed, or a drop-in of containerd.service names another file.',
    todo: 'Look at the file before you deploy. To write it yourself, remove the setting and use `files`.',
    topic: 'kubeadm',
  },
  {
    codes: ['network-left'],
    means: 'A note: `cni` in hosts/cluster has changed, and the objects of the old network stay in the cluster.',
    cause: 'keel applies manifests and removes no object, because it does not know who needs it.',
    todo: 'Delete the old objects with `kubectl delete --filename` before the deploy, then the files in /etc/cni/net.d.',
    topic: 'kubeadm',
  },
  {
    codes: ['containerd-untested', 'containerd-pause'],
    means: 'A note: containerd works with this Kubernetes, but not as its developers test it.',
    cause:
      'Debian’s containerd is older than every version that upstream tests, and has another pause image by default.',
    todo: 'Upgrade containerd when you can, and set its pause image. Both can wait.',
    topic: 'kubeadm',
  },
]
