import type { Explanation } from './explanation.ts'

export const systemdKubelet: readonly Explanation[] = [
  {
    codes: ['kubelet-system', 'kubelet-role', 'kubelet-options', 'kubelet-settings'],
    means:
      "A host can't have `kubelet: 'systemd'` with its system, its role or its other settings. It needs Debian, and a control plane of kubeadm can't have it.",
    cause:
      'The host runs Flatcar or NixOS, it is a control plane of kubeadm, or it has settings that nothing would read.',
    todo: 'Follow the `do:` of the message.',
    topic: 'virtual-kubelet',
  },
  {
    codes: ['package-name', 'program-path', 'host-path', 'cpu-amount', 'memory-amount'],
    means: 'A value in `systemdKubelet` does not have the form that it must have, or would open the host to Pods.',
    cause:
      'A name in capital letters, an amount without a unit, a path with .., or a folder with credentials or programs of the system as a host path.',
    todo: 'Write it as the message shows; `keel explain host.systemdKubelet` has an example of each.',
    topic: 'virtual-kubelet',
  },
  {
    codes: [
      'repository-name',
      'repository-uri',
      'repository-suite',
      'repository-component',
      'repository-key',
      'repository-user',
    ],
    means: 'A repository of packages in `systemdKubelet` is not one that apt could read.',
    cause:
      'A key that is not armoured, a suite without components, a folder without / at its end, or a file that is not in the inventory.',
    todo: 'Compare with the lines of the repository in its own documentation: `man 5 sources.list` describes the form.',
    topic: 'virtual-kubelet',
  },
  {
    codes: ['kubelet-changes'],
    means:
      'The host has the other kind of kubelet now. keel does not change it just so, because the containers or units that run there would be left without an owner.',
    cause: "`kubelet: 'systemd'` was added to a host that has been deployed, or removed from one.",
    todo: 'An agent of k3s changes with `keel deploy HOST --drain`. For every other host, remove the node as in `keel help topics remove-a-node`, and add the machine again.',
    topic: 'virtual-kubelet',
  },
  {
    codes: ['drain-node'],
    means:
      'Pods did not leave the Node that was to be drained. The host was not changed, and its Node takes Pods again.',
    cause:
      'A PodDisruptionBudget allows no Pod less, a Pod takes longer to end than `--patience`, or a Pod has no controller that would make it again elsewhere.',
    todo: 'The message names the Pods. Delete those without a controller, or scale up what the budget protects, and run it again.',
    topic: 'virtual-kubelet',
  },
  {
    codes: ['systemd-kubelet'],
    means: 'A note: who may create Pods on this host can run programs and install packages there, as root.',
    cause: "The host has `kubelet: 'systemd'`, and its Pods are units on the host and no containers.",
    todo: 'Keep `packages` and `programs` short, and give the right to create Pods only to people who may be root there.',
    topic: 'virtual-kubelet',
  },
]
