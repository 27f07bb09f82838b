import { imagesArchive, labDirectory } from '../root/root-spec.ts'

/** What nspawn must know of one host. Paths are the machine's. */
export interface NspawnHost {
  readonly name: string
  readonly root: string
  /** The network namespace's file. */
  readonly network: string
  /**
   * Directories that can't be on the host's overlayfs, because overlayfs or much fsync goes on top of them: path in the
   * host → path here.
   */
  readonly disks: Readonly<Record<string, string>>
  /** A docker-archive for the host's containerd; none: the host has no images. */
  readonly images?: string
}

// facts of systemd 252 on kernel 6.18: without SYSLOG kubelet can't open /dev/kmsg; the last three are for privileged
// Pods. `all` is refused.
const capabilities = ['CAP_NET_ADMIN', 'CAP_SYSLOG', 'CAP_IPC_LOCK', 'CAP_BPF', 'CAP_PERFMON']

/**
 * `systemd-nspawn` and its arguments for one boot of a host: not --boot but an init of our own, see host-init.sh.hbs.
 */
export function nspawnArgv(host: NspawnHost): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${host.root}`,
    `--machine=${host.name}`,
    `--hostname=${host.name}`,
    // no machined, no unit of its own: the cgroup is the one that the supervisor is in
    '--register=no',
    '--keep-unit',
    '--kill-signal=SIGRTMIN+3',
    `--network-namespace-path=${host.network}`,
    `--capability=${capabilities.join(',')}`,
    // runc: `unable to join session keyring`; privileged Pods: bpf
    '--system-call-filter=@keyring bpf',
    ...Object.entries(host.disks).map(([inside, here]) => `--bind=${here}:${inside}`),
    ...(host.images === undefined ? [] : [`--bind-ro=${host.images}:${imagesArchive}`]),
    '--link-journal=no',
    '--resolv-conf=off',
    '--timezone=off',
    '--console=pipe',
    `${labDirectory}/init`,
  ]
}

/** nspawn reads these from its environment: the cgroup version of the machine, and /proc/sys/net writable. */
export function nspawnEnvironment(cgroups: 'v1' | 'v2'): Readonly<Record<string, string>> {
  return { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: cgroups === 'v1' ? '0' : '1', SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' }
}
