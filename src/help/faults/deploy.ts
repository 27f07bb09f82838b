import type { Explanation } from './explanation.ts'

export const deploy: readonly Explanation[] = [
  {
    codes: ['deploy-declined'],
    means:
      'The deploy would have restarted k3s or deleted something, keel asked, and the answer was not yes. No host was changed.',
    cause:
      'Somebody answered no, or only pressed Enter. Or nobody could answer, because only one of stdin and stderr is a terminal: `keel deploy </dev/null`, `keel deploy 2>&1 | tee log`.',
    todo: 'Read the plan with `keel plan`. `keel deploy --yes` does not ask.',
  },
  {
    codes: ['locked'],
    means: 'Another keel is deploying to this host at this moment. keel changed nothing on it.',
    cause: 'A colleague or CI deploys, or an earlier keel lost its connection while its script still runs.',
    todo: 'Wait and run it again. The lock goes away with the process on the host, also after a crash.',
    topic: 'exit-codes',
  },
  {
    codes: ['changed-meanwhile'],
    means: 'The host is not as it was when keel made the plan, so keel did not carry out the plan.',
    cause: 'Somebody changed the host by hand, or k3s restarted between plan and deploy.',
    todo: 'Run `keel plan HOST`, look at it, and deploy again.',
  },
  {
    codes: ['no-space', 'not-writable', 'unsafe-path', 'wrong-hash'],
    means: 'keel could not put its files on the host. The host runs as before.',
    cause:
      'A full or read-only file system, a link in a folder that other users can write to, or a file that arrived damaged.',
    todo: 'Look at `df -h` and `findmnt` on the host. A read-only root often means a failing disk: see `dmesg`.',
  },
  {
    codes: ['stage-failed', 'activate-failed', 'verify-failed'],
    means:
      'A script of keel ended with an error that it does not know. stage: nothing is in use yet. activate: some files may be in place. verify: everything is in place, and only the check failed.',
    cause: 'An unusual system: a missing program, a mount that hangs, or SELinux or AppArmor.',
    todo: 'Read the words of the script in the message. After the repair, `keel deploy HOST` continues from there.',
  },
  {
    codes: ['unhealthy'],
    means:
      'keel has installed everything, but k3s or the node of kubeadm did not become healthy in time. keel does not undo this on Debian and Flatcar.',
    cause:
      'See the line `why`: keel looks into the journal for known causes, such as a wrong clock, a taken port, an unreachable first server, a full disk or a missing kernel module. With kubeadm also: containerd, an extension that is not merged, an expired token, or no network for Pods.',
    todo: 'Run `keel logs HOST`: with kubeadm it shows keel-kubeadm, which joins the host, keel-manifests and kubelet. There, also look at containerd, `systemd-sysext status`, `keel kubectl get pods -A`, and the table in `keel help kubeadm`. If the machine is only slow, `--patience 600` waits longer. `keel deploy HOST` continues from here.',
    topic: 'on-hosts',
  },
  {
    codes: ['firewall-refused'],
    means: 'nftables on the host did not accept the rules of the inventory. The old rules are still active.',
    cause: 'A kernel without nf_tables, or a name of an interface that nft does not take.',
    todo: 'Correct the line that nft names, or set `firewall: false` for this host.',
  },
  {
    codes: ['not-merged'],
    means:
      'systemd-sysext did not accept the image with k3s or Kubernetes. keel restored the link to the previous one.',
    cause: 'The image is for another architecture or another ID of the system than this machine has.',
    todo: 'Compare `arch` in the inventory with `uname -m` on the host, and see `systemd-sysext status`.',
    topic: 'flatcar',
  },
  {
    codes: ['ca-too-late'],
    means: 'k3s started before the CA of the inventory was in place, and created one of its own.',
    cause: 'Somebody installed or started k3s on the host by hand before the first deploy.',
    todo: 'If nobody needs its data, stop k3s and wipe its data folder, then deploy. To keep that cluster, take over its CA and tokens instead.',
    topic: 'adopt-agenix',
  },
  {
    codes: [
      'admit-nodes',
      'members-unknown',
      'label-blind',
      'label-node',
      'uncordon-node',
      'forget-node',
      'let-in',
      'cluster-objects',
      'api-silent',
    ],
    means:
      'keel had to change or ask something on another host, in its firewall or in the API of the cluster, and could not.',
    cause:
      'The API does not answer: k3s is starting, less than a majority of the servers run, or the clock of a server is wrong.',
    todo: 'Run `keel plan` for the servers and `keel kubectl get nodes`. When the API answers, deploy again; nothing is done twice.',
  },
  {
    codes: ['skip-founder', 'skip-quorum'],
    means:
      '`--skip-unreachable` refused: without the missing server the rest would not be a working cluster, or would become a second one.',
    cause: 'The first server or too many servers are off at once.',
    todo: 'Start the server. If it is lost for ever, restore or replace it first.',
    topic: 'exit-codes',
  },
]
