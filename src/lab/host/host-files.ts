import runc from '../../templates/lab/runc.sh'
import type { LabHost } from '../description.ts'
import { containerdConfigFor, flatcarContainerdConfig } from '../images/containerd-config.ts'
import { conflist } from '../network/conflist.ts'
import { moreLoops, type RootFile } from '../root/root-spec.ts'

export interface HostIdentity {
  readonly name: string
  readonly nodeIP: string
  readonly podCIDR: string
}

/**
 * Files of this one host, on any system.
 * @param own what its distribution needs
 */
export function hostFiles(
  host: HostIdentity,
  all: readonly { readonly name: string; readonly nodeIP: string }[],
  gateway: string,
  own: readonly RootFile[],
): readonly RootFile[] {
  const names = all.map(({ name, nodeIP }) => `${nodeIP} ${name}\n`).join('')
  return [
    { path: 'etc/hostname', content: `${host.name}\n`, mode: 0o644 },
    { path: 'etc/hosts', content: `127.0.0.1 localhost\n::1 localhost\n${names}`, mode: 0o644 },
    // not a loopback address, because a Pod would copy it from its host; nothing answers at this one
    { path: 'etc/resolv.conf', content: `nameserver ${gateway}\n`, mode: 0o644 },
    ...own,
  ]
}

/** The network of Pods on a host of a k3s lab. */
export function k3sFiles({ podCIDR }: HostIdentity): readonly RootFile[] {
  const content = `${JSON.stringify(conflist(podCIDR), null, 2)}\n`
  return [{ path: 'etc/cni/net.d/10-lab.conflist', content, mode: 0o644 }]
}

/**
 * containerd as kubeadm expects it, on a host of a kubeadm lab. The network of Pods comes with the cluster.
 * @param pause the image that kubeadm names
 */
export function kubeadmFiles({ os }: Pick<LabHost, 'os'>, pause: string): readonly RootFile[] {
  return [
    {
      path: os === 'flatcar' ? flatcarContainerdConfig : 'etc/containerd/config.toml',
      content: containerdConfigFor({ pause, cgroups: 'systemd' }),
      mode: 0o644,
    },
    // keel may replace that file, and its own knows nothing of labs
    { path: 'usr/local/sbin/runc', content: runc, mode: 0o755 },
    { path: 'etc/tmpfiles.d/lab-loops.conf', content: moreLoops, mode: 0o644 },
  ]
}

/**
 * Folders that the root of the lab lacks. There, /opt/cni/bin is a link into /usr, which is read-only while a system
 * extension is merged; and kube-proxy mounts the kernel's modules, for which any machine with a kernel has a folder.
 */
export const kubeadmDirectories: readonly string[] = ['opt/cni/bin', 'usr/lib/modules']

/**
 * Files that let a user log in on a Debian host.
 * @param hostKey created before the first boot, so the inventory can contain the host before it boots. The private half
 * has the format of OpenSSH
 */
export function loginFiles(
  hostKey: { readonly private: string; readonly public: string },
  authorizedKey: string,
): readonly RootFile[] {
  return [
    { path: 'etc/ssh/ssh_host_ed25519_key', content: hostKey.private, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', content: `${hostKey.public}\n`, mode: 0o644 },
    { path: 'root/.ssh/authorized_keys', content: `${authorizedKey}\n`, mode: 0o600 },
  ]
}
