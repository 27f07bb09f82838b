import type { Fault } from '../../errors.ts'
import type { Host } from '../../model/cluster.ts'
import type { Kubeadm } from '../../model/distribution/distribution.ts'
import { minorOf } from '../../model/k3s/k3s-version.ts'
import { cniPluginFolder } from '../../model/kubeadm/cni-plugin-folder.ts'
import { containerdSupport, readContainerdVersion } from '../../model/kubeadm/containerd-support.ts'
import { containerdConfigPath, containerdUnit } from '../../model/kubeadm/containerd-unit.ts'
import type { ContainerdFacts, RunningContainerd } from '../../probes/distribution/containerd.ts'
import { writtenPaths } from '../../targets/rendered.ts'
import type { SeenHost } from '../view/cluster-view.ts'

/**
 * What forbids kubeadm on a host with this containerd. What keel's own configuration changes is no fault where keel
 * configures containerd. Pure.
 * @param isPlaced whether keel's configuration is on the host already, so that containerd does not restart for it
 */
export function containerdFaults(
  { name: at }: Pick<Host, 'name'>,
  facts: ContainerdFacts,
  { version, containerd }: Pick<Kubeadm, 'version' | 'containerd'>,
  isPlaced = false,
): readonly Fault[] {
  if (facts.kind === 'absent') {
    return [
      {
        code: 'containerd-absent',
        at,
        found: 'no containerd',
        why: 'kubelet starts containers through containerd, and keel installs no packages',
        todo: 'install it (`apt-get install containerd`); Flatcar has it',
      },
    ]
  }
  const old = facts.version === undefined ? [] : tooOld(at, facts.version, minorOf(version))
  if (old.length > 0) return old
  if (containerd === 'managed') return managedFaults(at, facts, isPlaced)
  if (facts.kind === 'stopped') {
    return [
      {
        code: 'containerd-stopped',
        at,
        found: 'containerd does not run',
        why: 'kubelet starts containers through /run/containerd/containerd.sock',
        todo: 'run `systemctl enable --now containerd` on the host; if it fails: `journalctl -u containerd`',
      },
    ]
  }
  if (facts.kind === 'unread') {
    return [
      {
        code: 'containerd-unread',
        at,
        found: 'containerd does not tell its configuration',
        why: 'keel can’t check whether it suits kubelet',
        todo: 'run `containerd config dump` on the host and fix what it complains of',
      },
    ]
  }
  return wrongSettings(at, facts)
}

function managedFaults(
  at: string,
  facts: Exclude<ContainerdFacts, { readonly kind: 'absent' }>,
  isPlaced: boolean,
): readonly Fault[] {
  if (facts.version === undefined || readContainerdVersion(facts.version) === undefined) {
    return [
      {
        code: 'containerd-unread',
        at,
        found: 'containerd does not tell its version',
        why: 'the form of its configuration depends on it',
        todo: 'run `containerd --version` on the host and fix what it complains of',
      },
    ]
  }
  if (!isPlaced || facts.kind !== 'running' || wrongSettings(at, facts).length === 0) return []
  return [
    {
      code: 'containerd-other-file',
      at,
      found: `containerd runs with other settings than those in ${containerdConfigPath}`,
      why: 'its unit names another file with --config, which keel does not change',
      todo: `run \`systemctl cat ${containerdUnit}\` on the host, and remove the drop-in that names it`,
    },
  ]
}

/**
 * A file that keel would remove because `containerd: 'managed'` is gone: at its next start containerd would have its own
 * defaults, with which kubelet does not run. Pure.
 */
export function containerdReleased({ rendered, facts }: SeenHost): readonly Fault[] {
  const isKept = writtenPaths(rendered).includes(containerdConfigPath)
  if (isKept || !facts.generation.owned.includes(containerdConfigPath)) return []
  return [
    {
      code: 'containerd-released',
      at: rendered.host,
      found: `keel would remove ${containerdConfigPath}, which it has written for \`containerd: 'managed'\``,
      why: 'containerd would run with its own defaults after its next start, and kubelet would start no Pod',
      todo: `keep containerd: 'managed', or give the text yourself: files: { '${containerdConfigPath}': '…' }`,
    },
  ]
}

function tooOld(at: string, version: string, kubernetes: number | undefined): readonly Fault[] {
  const read = readContainerdVersion(version)
  if (read === undefined || kubernetes === undefined) return []
  const support = containerdSupport(read, kubernetes)
  if (support.kind !== 'too-old') return []
  return [
    {
      code: 'containerd-too-old',
      at,
      found: `containerd ${version} is too old for Kubernetes 1.${kubernetes}`,
      why: support.why,
      todo: `install containerd ${support.needs} or newer`,
    },
  ]
}

function wrongSettings(at: string, { cri, systemdCgroup, cniFolders }: RunningContainerd): readonly Fault[] {
  const andRestart = ' and restart containerd'
  // without CRI it has no settings for Pods
  if (!cri) {
    return [
      {
        code: 'containerd-no-cri',
        at,
        found: 'containerd has CRI turned off',
        why: 'kubelet can’t start a container without it; the package of Docker turns it off',
        todo: `remove "cri" from disabled_plugins in /etc/containerd/config.toml${andRestart}`,
      },
    ]
  }
  const faults: Fault[] = []
  if (!systemdCgroup) {
    faults.push({
      code: 'containerd-cgroups',
      at,
      found: 'containerd makes cgroups itself (SystemdCgroup = false)',
      why: 'kubelet leaves them to systemd, and Pods become unstable where two programs manage the same tree',
      todo: `set SystemdCgroup = true for runc in /etc/containerd/config.toml${andRestart}`,
    })
  }
  if (!cniFolders.includes(cniPluginFolder)) {
    faults.push({
      code: 'containerd-cni-folder',
      at,
      found: `containerd looks for CNI plugins in ${cniFolders.join(', ') || 'no folder'}`,
      why: `the plugins are in ${cniPluginFolder}, so no Pod would get an address`,
      todo: `set bin_dir (from containerd 2.1: bin_dirs) to ${cniPluginFolder} in /etc/containerd/config.toml${andRestart}`,
    })
  }
  return faults
}
