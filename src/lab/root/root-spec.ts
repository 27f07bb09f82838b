import type { Arch } from '../../model/cluster.ts'
import { sha256 } from '../../model/digest.ts'
import hostInit from '../../templates/lab/host-init.sh'
import machineSysctls from '../../templates/lab/machine-sysctls.sh'
import { containerdConfig } from '../images/containerd-config.ts'

/**
 * The read-only root file system that all hosts of all labs share. It contains nothing that belongs to one machine or
 * one lab.
 */
export interface RootSpec {
  readonly suite: string
  readonly arch: Arch
  readonly packages: readonly string[]
  readonly files: readonly RootFile[]
  /** Paths in the root → targets of the links. */
  readonly links: Readonly<Record<string, string>>
  readonly directories: readonly string[]
  /** Shell patterns relative to the root. */
  readonly removed: readonly string[]
}

export interface RootFile {
  readonly path: string
  readonly content: string
  readonly mode: number
}

/** Paths in a host that host.ts binds and the units below use. */
export const labDirectory = '/usr/local/lib/keel-lab'
export const imagesArchive = `${labDirectory}/images.tar`
/** In /var/lib/containerd, so that it stays after a reboot, like the images. */
export const imagesMarkerName = '.keel-lab-images'
const imagesMarker = `/var/lib/containerd/${imagesMarkerName}`

// No curl and no wget, because keel must not need them on a host. No libpam-systemd: see stopTimeout.
const packages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'openssh-server', 'sudo', 'ca-certificates', 'openssl', 'age'],
  ...['iproute2', 'iputils-ping', 'netcat-openbsd', 'procps', 'kmod', 'ethtool', 'util-linux', 'mount', 'tar', 'gzip'],
  ...[
    'containerd',
    'runc',
    'containernetworking-plugins',
    'conntrack',
    'iptables',
    'nftables',
    'ipset',
    'ebtables',
    'socat',
  ],
  // nix-bin: for the tests' stand-in for NixOS
  ...['keepalived', 'squashfs-tools', 'nix-bin'],
]

export function rootSpec(arch: Arch): RootSpec {
  return {
    suite: 'bookworm',
    arch,
    packages,
    files: [
      { path: `${labDirectory}/init`, content: hostInit, mode: 0o755 },
      { path: `${labDirectory}/machine-sysctls`, content: machineSysctls, mode: 0o755 },
      { path: '/etc/systemd/system/lab-machine-sysctls.service', content: machineSysctlsUnit, mode: 0o644 },
      { path: '/etc/systemd/system/lab-images.service', content: imagesUnit, mode: 0o644 },
      { path: '/etc/containerd/config.toml', content: containerdConfig, mode: 0o644 },
      // the OOM watcher of the kubelet reads /dev/kmsg, which nspawn does not create; loop devices: for
      // `systemd-sysext`
      { path: '/etc/tmpfiles.d/lab.conf', content: deviceNodes, mode: 0o644 },
      // a network plug-in with bridges needs it; nspawn leaves /proc/sys/net writable, which belongs to the host alone
      { path: '/etc/sysctl.d/90-lab.conf', content: 'net.ipv4.ip_forward = 1\n', mode: 0o644 },
      { path: '/etc/ssh/sshd_config.d/lab.conf', content: sshdConfig, mode: 0o644 },
      { path: '/etc/systemd/system.conf.d/lab.conf', content: stopTimeout, mode: 0o644 },
      // empty: systemd creates an id at the first boot and keeps it
      { path: '/etc/machine-id', content: '', mode: 0o444 },
    ],
    links: {
      // the default folder of network plug-ins for kubelet and containerd
      '/opt/cni/bin': '/usr/lib/cni',
      '/etc/systemd/system/sysinit.target.wants/lab-machine-sysctls.service': '../lab-machine-sysctls.service',
      '/etc/systemd/system/multi-user.target.wants/lab-images.service': '../lab-images.service',
      // the lab's hosts have no console
      '/etc/systemd/system/console-getty.service': '/dev/null',
      '/etc/systemd/system/getty.target': '/dev/null',
    },
    directories: ['/root/.ssh', '/var/lib/kubelet', '/var/lib/rancher', '/etc/cni/net.d'],
    removed: [
      'etc/ssh/ssh_host_*',
      'etc/systemd/system/timers.target.wants/*',
      ...['keepalived', 'nftables', 'e2scrub_reap', 'conntrackd', 'remote-fs'].map(
        (unit) => `etc/systemd/system/multi-user.target.wants/${unit}.*`,
      ),
      // settings of the machine's own apt, which mmdebstrap received
      'etc/apt/apt.conf.d/99mmdebstrap',
      'var/log/*.log',
    ],
  }
}

/**
 * The cache's key: 16 hex digits of everything that decides what is in the root. It contains only the names of
 * packages, because the mirror of the machine decides their versions.
 */
export function rootDigest(spec: RootSpec): string {
  return sha256(JSON.stringify(spec)).slice(0, 16)
}

export const machineSysctlsUnit = `[Unit]
Description=The machine's sysctls as files of this host's own
DefaultDependencies=no
After=local-fs.target
Before=systemd-sysctl.service sysinit.target

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${labDirectory}/machine-sysctls
`

export const imagesUnit = `[Unit]
Description=The lab's container images
After=containerd.service
Requires=containerd.service
ConditionPathExists=!${imagesMarker}
ConditionPathExists=${imagesArchive}

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/bin/ctr --namespace k8s.io images import ${imagesArchive}
ExecStart=/usr/bin/touch ${imagesMarker}
`

const deviceNodes = `c! /dev/kmsg 0600 root root - 1:11
c! /dev/loop-control 0660 root disk - 10:237
${Array.from({ length: 8 }, (_, n) => `b! /dev/loop${n} 0660 root disk - 7:${n}`).join('\n')}
`

/** For hosts that mount system extensions: loop devices belong to the machine, and other programs may use the first ones. */
export const moreLoops = Array.from(
  { length: 56 },
  (_, index) => `b! /dev/loop${index + 8} 0660 root disk - 7:${index + 8}\n`,
).join('')

// In a container of cgroup v1, the kernel does not tell systemd that a cgroup has become empty. So a unit whose
// processes did not end as its own children counts as stopping until its timeout (after kill -9 of its main process,
// and every user@.service). By default, this takes 90 s at every reboot.
const stopTimeout = '[Manager]\nDefaultTimeoutStopSec=20s\n'

const sshdConfig = `HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
`
