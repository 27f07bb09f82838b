import type { Cause } from './cause.ts'

/** What the machine lacks or has too much of. */
export const machineCauses: readonly Cause[] = [
  {
    says: ['kubelet is configured to not run on a host using cgroup v1'],
    why: 'Kubernetes 1.35 and later refuse a host with cgroup v1',
    cure: 'boot the host with cgroup v2 (systemd.unified_cgroup_hierarchy=1 on the kernel command line), or set kubelet-arg fail-cgroupv1=false while that still works',
  },
  {
    says: ['address already in use'],
    why: 'another program listens on a port that k3s needs',
    cure: 'find the program on the host with `ss -ltnup`, then stop and disable it',
  },
  {
    says: ['no space left on device', 'disk quota exceeded'],
    why: 'a file system of the host is full',
    cure: 'make room (`df -h`, `df -i`): k3s needs it in /var/lib/rancher and /run',
  },
  {
    says: ['too many open files', 'inotify instances', 'user limit on inotify watches was reached'],
    why: 'the host is at its limit of open files or inotify instances',
    cure: 'raise fs.inotify.max_user_instances and fs.inotify.max_user_watches with sysctl',
  },
  {
    says: ['certificate has expired', 'certificate is not yet valid'],
    why: 'according to the clock of this host, a certificate is not valid now',
    cure: 'compare the clocks of the hosts (`timedatectl`) and turn on time synchronisation; if the clock is right, the certificate has expired: restart k3s on the host that owns it',
  },
  {
    says: ['ailed to check br_netfilter', 'bridge-nf-call-iptables: no such file or directory'],
    why: 'the kernel module br_netfilter is not loaded',
    cure: '`modprobe br_netfilter` on the host; if the kernel does not have it, install the full kernel package (linux-modules-extra on Ubuntu)',
  },
  {
    says: ['snapshotter cannot be enabled for', 'failed to mount overlay'],
    why: 'the kernel or the file system of /var/lib/rancher has no overlayfs',
    cure: '`modprobe overlay`, and use ext4 or xfs (with ftype=1) for /var/lib/rancher',
  },
  {
    says: [
      "can't initialize iptables table",
      'Table does not exist (do you need to insmod?)',
      'iptables: command not found',
    ],
    why: 'the kernel has no modules for iptables',
    cure: '`modprobe ip_tables iptable_nat` on the host; if its kernel was upgraded, reboot it',
  },
  {
    says: ['failed to create vxlan device', 'failed to ensure address of interface flannel'],
    why: 'the kernel cannot create a VXLAN interface for flannel',
    cure: '`modprobe vxlan` on the host; if its kernel was upgraded, reboot it',
  },
  {
    says: ['unable to select an IP from default routes', 'no default routes found', 'failed to get default interface'],
    why: 'the host has no default route, from which k3s takes its address',
    cure: 'set `nodeIP` for this host',
  },
  {
    says: [
      "not found in the host's network interfaces",
      'failed to find IP address on interface',
      'failed to find the interface',
      'unable to find flannel interface',
    ],
    why: 'the host does not have the address or the interface that the inventory names',
    cure: 'correct `nodeIP` or `network.interface` of this host',
  },
  {
    says: ['Failed to set up credentials', 'Failed at step CREDENTIALS', 'status=243/CREDENTIALS'],
    why: 'systemd cannot decrypt a credential: it was encrypted for another machine or under another host key',
    cure: 'delete /etc/credstore.encrypted/k3s-* on the host: the next deploy stores them again',
  },
  {
    says: ['status=203/EXEC', 'Exec format error', 'Failed at step EXEC'],
    why: 'systemd cannot run the k3s program: it is missing, for another architecture, or on a file system that is mounted noexec',
    cure: 'look at /usr/local/bin/k3s on the host (`file`, `findmnt -T`), and check `arch` in the inventory',
  },
  {
    says: ['Failed to load environment files', 'Failed at step'],
    why: 'systemd cannot prepare the service: a drop-in of the unit asks for something that the host does not have',
    cure: 'look at the drop-ins that `keel plan` lists for this unit',
  },
  {
    says: ['oom-kill', 'Out of memory', 'cannot allocate memory'],
    why: 'the host has too little memory: a server needs 2 GB, an agent 512 MB',
    cure: 'give the host more memory',
  },
]
