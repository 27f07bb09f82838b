import { imagesArchive, labDirectory } from '../root/root-spec.ts'

/** What nspawn must know about one host. The paths are those of this machine. */
export interface NspawnHost {
  readonly name: string
  readonly root: string
  /** The file of the network namespace. */
  readonly network: string
  /**
   * Directories that can't be on the overlayfs of the host, because they contain an overlayfs or need many fsyncs: path
   * in the host → path on this machine.
   */
  readonly disks: Readonly<Record<string, string>>
  /** A docker-archive for the containerd of the host. Absent: the host has no images. */
  readonly images?: string
}

// Measured with systemd 252 on kernel 6.18: without SYSLOG, kubelet can't open /dev/kmsg. The last three are for
// privileged Pods. nspawn refuses `all`.
const capabilities = ['CAP_NET_ADMIN', 'CAP_SYSLOG', 'CAP_IPC_LOCK', 'CAP_BPF', 'CAP_PERFMON']

/**
 * `systemd-nspawn` and its arguments for one boot of a host. It starts the lab's own init instead of --boot
 * (src/templates/lab/host-init.sh).
 */
export function nspawnArgv(host: NspawnHost): readonly string[] {
  return [
    'systemd-nspawn',
    '--quiet',
    `--directory=${host.root}`,
    `--machine=${host.name}`,
    `--hostname=${host.name}`,
    // no machined and no unit of its own: the host stays in the cgroup of the supervisor
    '--register=no',
    '--keep-unit',
    '--kill-signal=SIGRTMIN+3',
    `--network-namespace-path=${host.network}`,
    `--capability=${capabilities.join(',')}`,
    // without it runc fails with `unable to join session keyring`; bpf is for privileged Pods
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

/** Variables that nspawn reads: the cgroup version of the machine, and whether /proc/sys/net is writable. */
export function nspawnEnvironment(cgroups: 'v1' | 'v2'): Readonly<Record<string, string>> {
  return { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: cgroups === 'v1' ? '0' : '1', SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network' }
}
